"""The product's system checks: each is silent by default, and warns of one setting."""

import re
import shutil
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.core.checks import CheckMessage, run_checks
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from pytest_django import Settings

from census.checks import NETWORK_FILE_SYSTEMS, found_on
from census.models import WorkerHeartbeat
from census.worker.neighbours import OtherHosts
from scraper.browser import installed, memory
from tests.paths import ROOT

LIVE = "https://consultacenso.registraduria.gov.co/"

SERVER = {
    "DEBUG": False,
    "REGISTRADURIA_URL": LIVE,
    "CAPTCHA_SOLVER": "2captcha",
    "TWOCAPTCHA_API_KEY": "a-key",
    "TRUSTED_PROXIES": 1,
    "SITE_URL": "https://censo.example.org",
    "ALLOWED_HOSTS": ["censo.example.org"],
}
"""The settings of a server that visits the live site, as far as these checks read them."""

STATIC_ON_A_SERVER = {
    "STORAGES": {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
}

NAMED: dict[str, dict[str, Any]] = {
    "censo.W001": {"REGISTRADURIA_URL": ""},
    "censo.W002": {"CAPTCHA_SOLVER": "none"},
    "censo.W003": {"DEBUG": True},
    "censo.W004": {"LOOKUP_TIMEOUT_SECONDS": 89.0},
    "censo.W005": {"TWOCAPTCHA_URL": "http://captcha.example.org"},
    "censo.W006": {"RETRY_DELAYS_SECONDS": (60.0, 30.0)},
    "censo.W007": {"PAUSE_SECONDS": (5.0, 300.0)},
    "censo.W010": {"LOOKUP_INTERVAL_SECONDS": 120.0, "PAUSE_SECONDS": (300.0,)},
    "censo.W011": {"Q_WORKERS": 2},
    "censo.W014": {"SITE_URL": ""},
    "censo.W015": {"SITE_URL": "http://censo.example.org"},
    "censo.W016": {"ALLOWED_HOSTS": ["localhost"]},
    "censo.E001": {"TWOCAPTCHA_POLLING_SECONDS": 60.0, "LOOKUP_TIMEOUT_SECONDS": 120.0},
}
"""By id, what of SERVER must be otherwise for it to be told, and nothing else."""


class Mount(NamedTuple):
    mountpoint: str
    fstype: str


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files, as `collectstatic` lays them on a server."""
    root = tmp_path_factory.mktemp("static")
    with override_settings(**STATIC_ON_A_SERVER, STATIC_ROOT=root):
        call_command("collectstatic", interactive=False, verbosity=0)
    return root


@pytest.fixture
def server(settings: Settings, collected: Path) -> Settings:
    for name, value in SERVER.items():
        setattr(settings, name, value)
    settings.STATIC_ROOT = collected
    return settings


def told() -> list[CheckMessage]:
    """Return the warnings of our own checks for the current settings."""
    messages = run_checks(include_deployment_checks=True)
    return [message for message in messages if str(message.id).startswith("censo.")]


def test_a_server_that_is_set_up_well_is_told_nothing(server: Settings) -> None:
    assert told() == []


@pytest.mark.parametrize("identifier", NAMED)
def test_each_is_told_by_its_id_in_a_sentence_that_names_the_variable(
    identifier: str, server: Settings
) -> None:
    changed = NAMED[identifier]
    for name, value in changed.items():
        setattr(server, name, value)

    [message] = told()

    assert message.id == identifier
    assert next(iter(changed)) in message.msg
    assert re.search(r"[a-z0-9]\.$", message.msg)


def test_a_pause_that_gets_shorter_is_told_as_well(server: Settings) -> None:
    server.PAUSE_SECONDS = (600.0, 300.0)
    [message] = told()
    assert message.msg.startswith("PAUSE_SECONDS gets shorter (600,300)")


@pytest.mark.parametrize("url", ["http://localhost:8800", "http://127.0.0.1:8800/", "http://[::1]"])
def test_a_stand_in_on_this_machine_may_be_asked_without_tls(server: Settings, url: str) -> None:
    server.TWOCAPTCHA_URL = url
    assert told() == []


def test_another_address_than_the_live_one_may_be_asked_in_any_way(server: Settings) -> None:
    server.REGISTRADURIA_URL = "http://127.0.0.1:8800/censo/consultar/"
    server.CAPTCHA_SOLVER = "none"
    server.LOOKUP_TIMEOUT_SECONDS = 10.0
    server.PAUSE_SECONDS = (0.0,)
    server.DEBUG = True
    assert told() == []


class TestStaticFiles:
    @pytest.fixture
    def own(self, collected: Path, server: Settings, tmp_path: Path) -> Path:
        """A copy for one test to spoil."""
        server.STATIC_ROOT = tmp_path / "static"
        shutil.copytree(collected, server.STATIC_ROOT)
        return Path(server.STATIC_ROOT)

    @pytest.mark.parametrize("name", ["staticfiles.json", "css/app.css", "admin/css/base.css"])
    def test_one_that_was_not_collected_is_told(self, own: Path, name: str) -> None:
        (own / name).unlink()
        [message] = told()
        assert message.id == "censo.E002"
        assert f"(1 are missing or differ, among them {name}): run" in message.msg

    def test_one_of_another_version_is_told(self, own: Path) -> None:
        with (own / "js" / "app.js").open("a", encoding="utf-8") as script:
            script.write("// as it was\n")
        [message] = told()
        assert "js/app.js" in message.msg


class TestMemory:
    @pytest.fixture
    def groups(self, tmp_path: Path) -> Path:
        """Control groups as the kernel shows them: a service in a slice, 900 MiB for both."""
        service = tmp_path / "system.slice" / "censo-worker.service"
        service.mkdir(parents=True)
        (service / "memory.max").write_text("max\n", encoding="ascii")
        (service.parent / "memory.max").write_text(f"{900 * memory.MIB}\n", encoding="ascii")
        (tmp_path / "own").write_text(
            "1:name=systemd:/\n0::/system.slice/censo-worker.service\n", encoding="ascii"
        )
        return tmp_path

    def test_the_tightest_group_around_the_process_counts(self, groups: Path) -> None:
        assert memory.allowed_mib(groups, groups / "own") == 900.0

    def test_without_groups_the_machine_counts(self, tmp_path: Path) -> None:
        assert memory.allowed_mib(tmp_path, tmp_path / "none") > 900.0

    def test_too_many_lookups_for_it_are_told(
        self, server: Settings, groups: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        allowed = memory.allowed_mib(groups, groups / "own")
        monkeypatch.setattr(memory, "allowed_mib", lambda: allowed)
        server.LOOKUP_CONCURRENCY = 5
        assert told() == []
        server.LOOKUP_CONCURRENCY = 6
        [message] = told()
        assert message.id == "censo.W008"
        assert message.msg.startswith(
            "LOOKUP_CONCURRENCY of 6 takes a worker up to 950 MiB, and 900"
        )


class TestBrowser:
    def test_a_machine_without_one_is_told(
        self, server: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(installed, "KNOWN_PATHS", ())
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
        server.CHROMIUM_PATH = ""

        [message] = told()

        assert message.id == "censo.W009"
        assert installed.NOT_FOUND in message.msg

    def test_a_driver_that_misses_a_library_is_told_in_its_own_words(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        node = tmp_path / "driver" / "node"
        node.parent.mkdir()
        node.write_text("#!/bin/sh\necho 'libatomic.so.1: no such file' >&2\nexit 127\n")
        node.chmod(0o755)
        (tmp_path / "__init__.py").touch()
        package = tmp_path.rename(tmp_path.with_name("playwright"))
        monkeypatch.delitem(sys.modules, "playwright", raising=False)
        monkeypatch.syspath_prepend(str(package.parent))

        assert installed.missing("/usr/bin/any") == (
            "Playwright's driver does not start (libatomic.so.1: no such file): install what it"
            " asks for (Debian: `apt-get install libatomic1`)."
        )


class TestDatabase:
    def test_redis_beside_sqlite_is_told_as_of_no_use(self, server: Settings) -> None:
        server.REDIS_URL = "redis://127.0.0.1:6379/0"
        expected = ["censo.I001"] if connection.vendor == "sqlite" else []
        assert [message.id for message in told()] == expected

    @pytest.mark.parametrize("kind", sorted(NETWORK_FILE_SYSTEMS))
    def test_a_file_on_a_network_file_system_is_told(self, kind: str) -> None:
        mounts = [Mount("/", "ext4"), Mount("/srv", kind), Mount("/srv/censo-old", "ext4")]
        [message] = found_on(Path("/srv/censo/censo.sqlite3"), mounts)
        assert (message.id, f"({kind})" in message.msg) == ("censo.W012", True)

    def test_the_innermost_and_last_mount_counts(self) -> None:
        file = Path("/srv/censo/censo.sqlite3")
        nfs = Mount("/srv", "nfs4")
        assert found_on(file, [Mount("/", "ext4"), nfs, Mount("/srv/censo", "xfs")]) == []
        assert found_on(file, [nfs, Mount("/srv", "ext4")]) == []
        assert found_on(file, []) == []


@pytest.mark.django_db
class TestHosts:
    def beat(self, host: str, seconds_ago: float = 1) -> None:
        moment = timezone.now() - timedelta(seconds=seconds_ago)
        WorkerHeartbeat.objects.create(
            cluster_id=uuid4(), host=host, pid=1, version="1", started_at=moment, beat_at=moment
        )

    def told(self) -> list[str]:
        messages = run_checks(include_deployment_checks=True, databases=["default"])
        return [message.msg for message in messages if message.id == "censo.W013"]

    def test_workers_of_one_machine_may_share_a_file(self) -> None:
        self.beat("bogota-1")
        self.beat("bogota-1")
        self.beat("bogota-2", seconds_ago=60)
        assert self.told() == []

    def test_workers_of_two_machines_may_not(self, caplog: pytest.LogCaptureFixture) -> None:
        self.beat("bogota-1")
        self.beat("bogota-2")
        hosts = OtherHosts("bogota-1")
        hosts.warn()
        hosts.warn()
        if connection.vendor == "sqlite":
            [message] = self.told()
            assert "(bogota-1, bogota-2)" in message
            [line] = caplog.messages
            assert line.startswith("A worker on bogota-2 uses the same SQLite database")
        else:
            assert (self.told(), caplog.messages) == ([], [])


def test_the_operators_guide_lists_every_id_and_no_other() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(censo\.[EWI]\d{3})` \|", guide, re.MULTILINE)
    sources = [ROOT / app / "checks.py" for app in ("census", "config", "scraper")]
    told = [
        identifier
        for source in sources
        for identifier in re.findall(r'id="(censo\.\w+)"', source.read_text(encoding="utf-8"))
    ]
    assert sorted(listed) == sorted(told)
