"""Errors of the web server and of each process of a worker reach Sentry, through their forks."""

import os
import signal
from collections.abc import Iterator

import psutil
import pytest
import requests

from tests import sentry
from tests.failing_settings import CEDULA, NAME, PHONE
from tests.sentry import Sentry
from tests.stack import Stack, family, wait_until

pytestmark = [pytest.mark.e2e]

FAILS = "1020030092"


@pytest.fixture
def stand_in() -> Iterator[Sentry]:
    with sentry.listening() as stand_in:
        yield stand_in


@pytest.fixture
def site(stack: Stack, stand_in: Sentry) -> Stack:
    """A product that reports to `stand_in`, in which a view and the dispatcher fail."""
    stack.environment |= {
        "DJANGO_SETTINGS_MODULE": "tests.failing_settings",
        "SENTRY_DSN": stand_in.dsn,
    }
    return stack


def said_nothing_of_anybody(stand_in: Sentry) -> bool:
    sent = "".join(stand_in.envelopes)
    return not any(private in sent for private in (NAME, CEDULA, FAILS, PHONE, "geheim"))


@pytest.mark.environment(SENTRY_TRACES_SAMPLE_RATE="1")
def test_a_failing_view_and_its_trace(site: Stack, stand_in: Sentry) -> None:
    site.start_web()

    answer = requests.post(
        f"{site.web_url}/falla/{CEDULA}/?q={NAME}",
        {"nombre_completo": NAME, "phone": PHONE},
        headers={"Cookie": "visited=geheim", "User-Agent": NAME},
        timeout=30,
    )
    requests.get(f"{site.web_url}/no-hay/{CEDULA}/", timeout=30)

    assert answer.status_code == 500
    tags = {"request_id": answer.headers["X-Request-ID"]}
    failed = stand_in.awaited("ValueError")
    assert failed["tags"] == tags
    assert failed["request"] == {"method": "POST", "url": f"{site.web_url}/falla/…/"}
    assert stand_in.awaited("/falla/{what}/", "transaction")["tags"] == tags
    stand_in.awaited("/no-hay/", "transaction")
    assert len(stand_in.events()) == 1
    assert said_nothing_of_anybody(stand_in)


def test_a_failing_dispatcher_and_the_end_of_its_cluster(site: Stack, stand_in: Sentry) -> None:
    site.start_simulator()
    site.register(FAILS)
    worker = site.start_worker()

    failed = stand_in.awaited("ValueError")
    (error,) = failed["exception"]["values"]
    assert error["value"] == "Key (cedula)=(…) of … exists."
    assert any(frame["function"] == "_record_failure" for frame in error["stacktrace"]["frames"])
    row = site.lookups()[FAILS]
    assert failed["tags"] == {
        "request_id": row["request_id"],
        "info_id": str(row["id"]),
        "attempt": "1",
    }

    os.kill(queue_worker(worker.pid).pid, signal.SIGKILL)
    ended = stand_in.awaited("The cluster ends, to be started anew")
    assert ended["level"] == "fatal"
    assert wait_until(worker.poll, "the cluster has ended") == 1
    assert said_nothing_of_anybody(stand_in)


def queue_worker(pid: int) -> psutil.Process:
    """The process that runs tasks, once it is named."""

    def named() -> psutil.Process | None:
        for process in family(pid):
            try:
                if " idle" in " ".join(process.cmdline()):
                    return process
            except psutil.NoSuchProcess:
                continue
        return None

    found: psutil.Process = wait_until(named, "the task has failed, and its worker is idle")
    return found
