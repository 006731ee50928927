"""Errors are reported to Sentry where the operator says so, and to nobody else."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests import sentry
from tests.failing_settings import CEDULA, NAME, PHONE
from tests.paths import ROOT
from tests.sentry import Sentry

FAIL = """
import json, logging, os, sys, threading
from django.test import Client
from accounts.logs import error_reports
from tests.failing_settings import CEDULA, NAME, PHONE

error_reports.start("abc", forks="FORKS" in os.environ)
answer = Client(raise_request_exception=False).post(
    f"/falla/{CEDULA}/?q={NAME}",
    {"nombre_completo": NAME, "phone": PHONE, "password1": "geheim"},
    headers={"Cookie": "visited=geheim", "User-Agent": NAME},
)
logging.getLogger("census").error("The census refuses '%s' (%s).", NAME, CEDULA)
logging.getLogger("django-q").error("Failed 'task' - said twice")
print(json.dumps({
    "status": answer.status_code,
    "id": answer.headers["X-Request-ID"],
    "is loaded": "sentry_sdk" in sys.modules,
    "threads": sorted(thread.name for thread in threading.enumerate()),
}))
error_reports.flush()
"""


@pytest.fixture
def stand_in() -> Iterator[Sentry]:
    with sentry.listening() as stand_in:
        yield stand_in


def fail(**variables: str) -> dict[str, object]:
    """Return the error report of a process whose view fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", FAIL],
        cwd=ROOT,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "tests.failing_settings", "ALLOWED_HOSTS": "testserver"}
        | variables,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_without_an_address_the_library_is_not_even_loaded() -> None:
    told = fail()

    assert (told["status"], told["is loaded"]) == (500, False)


def test_a_failing_view_is_reported_with_its_id_and_nothing_of_anybody(stand_in: Sentry) -> None:
    told = fail(SENTRY_DSN=stand_in.dsn, SENTRY_ENVIRONMENT="prueba")

    assert len(stand_in.events()) == 2
    event = stand_in.awaited("ValueError")
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("ValueError", "Key (cedula)=(…) of … exists.")
    assert any(frame["function"] == "fails" for frame in error["stacktrace"]["frames"])
    assert event["tags"] == {"request_id": told["id"]}
    assert (event["environment"], event["release"]) == ("prueba", "abc")
    assert event["transaction"] == "/falla/{what}/"
    logged = stand_in.awaited("The census refuses")
    assert logged["logentry"] == {"formatted": "The census refuses … (…)."}
    assert_nothing_of_anybody(stand_in)


def test_a_process_that_forks_sends_without_a_thread(stand_in: Sentry) -> None:
    told = fail(FORKS="yes", SENTRY_DSN=stand_in.dsn)

    assert told["threads"] == ["MainThread"]
    assert len(stand_in.events()) == 2


def test_an_address_where_nobody_listens_holds_nothing_up() -> None:
    assert fail(FORKS="yes", SENTRY_DSN="http://public@127.0.0.1:9/7")["status"] == 500


def assert_nothing_of_anybody(stand_in: Sentry) -> None:
    sent = "".join(stand_in.envelopes)
    for private in (NAME, "Luz", CEDULA, PHONE, "geheim"):
        assert private not in sent
    # Masked as in our logs neither. The digits alone may stand in any id or time.
    assert not re.search(r"(?:•|\\u2022)+432", sent)
