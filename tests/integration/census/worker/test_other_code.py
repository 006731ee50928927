"""A worker that was not restarted after an upgrade is noticed, by monitors, people and workers."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import CustomUser
from census.models import WorkerHeartbeat
from census.worker.code_version import code_version
from census.worker.neighbours import OtherCode
from tests.markup import page, words
from tests.stack import copy_of_the_product

ASK_AFTER_AN_UPGRADE = """
import os, sys
from pathlib import Path
from census.worker.code_version import code_version
if "web" in sys.argv:
    import config.wsgi  # finds the settings by itself
    Path("census/apps.py").open("a").write("# upgraded\\n")
else:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
print(code_version())
"""


def beat(pid: int, version: str, seconds_ago: float = 1) -> None:
    moment = timezone.now() - timedelta(seconds=seconds_ago)
    WorkerHeartbeat.objects.create(
        cluster_id=uuid4(),
        host="bogota-2",
        pid=pid,
        version=version,
        started_at=moment,
        beat_at=moment,
    )


@pytest.mark.django_db
class TestHealth:
    def test_workers_with_other_code_are_counted(self, client: Client) -> None:
        beat(1, code_version())
        beat(2, "older")
        beat(3, "oldest")

        response = client.get("/salud/")

        assert response.status_code == 200
        assert (response.json()["workers"], response.json()["outdated_workers"]) == (3, 2)

    def test_one_that_is_gone_is_not_told_of(self, client: Client) -> None:
        beat(1, code_version())
        beat(2, "older", seconds_ago=60)

        assert client.get("/salud/").json().keys() == {
            "database", "workers", "due", "oldest_due_seconds", "paused_until",
        }  # fmt: skip


@pytest.mark.django_db
def test_the_administration_marks_a_worker_with_other_code(
    client: Client, superadmin: CustomUser
) -> None:
    beat(1, code_version(), seconds_ago=1)
    beat(2, "older", seconds_ago=2)
    client.force_login(superadmin)

    response = client.get("/admin/census/workerheartbeat/")

    marks = [words(cell) for cell in page(response).select("#result_list .field-code")]
    assert marks == ["el mismo", "código distinto"]


@pytest.mark.django_db
def test_a_worker_warns_once_of_each_living_worker_with_other_code(
    caplog: pytest.LogCaptureFixture,
) -> None:
    beat(11, "newer")
    beat(12, "older", seconds_ago=60)
    beat(13, "older")
    other_code = OtherCode("newer")

    other_code.warn()
    other_code.warn()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "process 13 on bogota-2 runs older" in caplog.text

    beat(14, "oldest")
    other_code.warn()
    assert len(caplog.records) == 2
    assert "process 14 on bogota-2" in caplog.text


def version_in(checkout: Path, *arguments: str) -> str:
    """The version that a process there says it runs; `web` is upgraded after its start."""
    done = subprocess.run(
        [sys.executable, "-c", ASK_AFTER_AN_UPGRADE, *arguments],
        cwd=checkout,
        env=os.environ,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout.strip()


def test_a_web_process_knows_the_code_it_started_with_and_not_what_came_after(
    tmp_path: Path,
) -> None:
    checkout = copy_of_the_product(tmp_path / "checkout")
    before = version_in(checkout)

    web = version_in(checkout, "web")

    assert web == before == code_version()
    assert version_in(checkout) != before


def test_a_link_to_nowhere_that_an_editor_leaves_is_no_code(tmp_path: Path) -> None:
    checkout = copy_of_the_product(tmp_path / "checkout")
    (checkout / "census" / ".#apps.py").symlink_to("ana@bogota-2.4711")

    assert version_in(checkout) == code_version()
