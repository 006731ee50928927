"""The units of deploy/systemd, as systemd itself sees them, and what must hold of each."""

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from census.worker.cluster import STOP_SECONDS
from config import __version__
from config.environment.database import SQLITE_OPTIONS
from tests.deployment import DEPLOY, SECRETS
from tests.paths import ROOT

UNITS = sorted(
    path for kind in ("service", "timer") for path in (DEPLOY / "systemd").glob(f"*.{kind}")
)
SERVICES = [path for path in UNITS if path.suffix == ".service"]
LASTING = [path for path in SERVICES if path.stem in {"censo-web", "censo-worker"}]
GUNICORN = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))

MOST_EXPOSED = 25
"""The worst score allowed in `systemd-analyze security`, of 100; the worker needs a network."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def values(unit: Path, key: str) -> list[str]:
    text = unit.read_text(encoding="utf-8")
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def value(unit: Path, key: str) -> str:
    [only] = values(unit, key)
    return only


@pytest.fixture
def installed(tmp_path: Path) -> list[Path]:
    """Copies that name commands of this machine, which has nothing under /opt/censo."""
    programs = tmp_path / "censo" / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "gunicorn"):
        (programs / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    copies = []
    for unit in UNITS:
        copy = tmp_path / unit.name
        text = unit.read_text(encoding="utf-8").replace("/opt/censo", str(tmp_path / "censo"))
        copy.write_text(text, encoding="utf-8")
        copies.append(copy)
    return copies


@needs_systemd
def test_systemd_has_nothing_to_say_of_any(installed: list[Path]) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *installed],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "censo" in line]
    assert (done.returncode, ours) == (0, [])


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_each_service_is_shut_in(unit: Path) -> None:
    done = subprocess.run(
        [
            *("systemd-analyze", "security", "--offline=true"),
            f"--threshold={MOST_EXPOSED}",
            unit,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_each_has_its_secrets_handed_over_and_in_no_variable(unit: Path) -> None:
    assert value(unit, "User") == "censo"
    assert "secret_key:/etc/censo/secret_key" in values(unit, "LoadCredential")
    assert "SECRET_KEY_FILE=%d/secret_key" in value(unit, "Environment")
    assert not re.search(rf"({'|'.join(SECRETS)}|PASSWORD)=", unit.read_text())
    assert value(unit, "EnvironmentFile") == "/etc/censo/censo.env"


def test_manage_py_gets_the_secrets_that_the_services_get() -> None:
    handed_over = {
        secret.partition(":")[0].upper()
        for file in [*SERVICES, *(DEPLOY / "systemd" / "censo-.service.d").iterdir()]
        for secret in values(file, "LoadCredential")
    }
    script = (DEPLOY / "systemd" / "censo-manage").read_text(encoding="utf-8")
    [exported] = re.findall(r"^for secret in (.+); do$", script, re.MULTILINE)
    assert set(exported.split()) == handed_over
    assert handed_over <= SECRETS


@pytest.mark.parametrize("unit", LASTING, ids=lambda unit: unit.stem)
def test_what_lasts_is_always_started_again_and_stopped_with_care(unit: Path) -> None:
    assert value(unit, "Restart") == "always"
    assert value(unit, "StartLimitIntervalSec") == "0"
    assert value(unit, "KillMode") == "mixed"
    longest = STOP_SECONDS if unit.stem == "censo-worker" else GUNICORN["graceful_timeout"]
    assert int(value(unit, "TimeoutStopSec")) > longest
    assert value(unit, "MemoryMax").endswith("M")


def test_the_worker_may_make_the_namespaces_of_chromiums_sandbox() -> None:
    worker = DEPLOY / "systemd" / "censo-worker.service"
    assert set(value(worker, "RestrictNamespaces").split()) == {"user", "pid", "net"}
    assert "chroot" in value(worker, "SystemCallFilter").split()
    assert values(worker, "MemoryDenyWriteExecute") == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_each_says_where_to_read_on_and_the_page_is_there(unit: Path) -> None:
    page = value(unit, "Documentation").removeprefix("file:///opt/censo/")
    assert (ROOT / page).is_file()


class TestGunicorn:
    def test_its_settings_are_accepted(self) -> None:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "gunicorn", "--check-config"),
                *("--config", str(DEPLOY / "gunicorn.conf.py"), "config.wsgi"),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        own_line = f"Censo al Día {__version__}"
        said = [line for line in done.stderr.splitlines() if own_line not in line]
        assert (done.returncode, said) == (0, [])

    def test_its_times_and_numbers_go_together(self) -> None:
        assert GUNICORN["timeout"] > SQLITE_OPTIONS["timeout"]
        assert GUNICORN["graceful_timeout"] < GUNICORN["timeout"]
        assert GUNICORN["threads"] <= settings.DATABASE_POOL_SIZE
        [proxy] = re.findall(r"keepalive (\d+)s", (DEPLOY / "Caddyfile").read_text("utf-8"))
        assert GUNICORN["keepalive"] > int(proxy)
