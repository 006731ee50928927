"""The logs of the web server and of the worker: one format, and one id through both."""

import json
import re
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from accounts.identity import cedula as cedulas
from census.worker.code_version import code_version
from config import __version__
from tests.stack import Stack, answers, copy_of_the_product, wait_until
from tests.typed import PASSWORD, REGISTRATION

pytestmark = [pytest.mark.e2e]

FAILS_ONCE = "1020030082"


def register(stack: Stack, cedula: str) -> requests.Response:
    """The answer to the form itself."""
    session = requests.Session()
    address = f"{stack.web_url}/registro/"
    form = BeautifulSoup(session.get(address, timeout=30).text, "html.parser")
    token = form.select_one("[name=csrfmiddlewaretoken]")
    assert token is not None
    data = REGISTRATION | {"cedula": cedula, "csrfmiddlewaretoken": str(token["value"])}
    return session.post(address, data, timeout=30, allow_redirects=False)


def lines(stack: Stack, name: str) -> list[dict[str, Any]]:
    """Every line of a process's log; each must be one JSON object."""
    return [json.loads(line) for line in stack.log(name).splitlines()]


@pytest.mark.environment(LOG_FORMAT="json")
def test_one_id_leads_from_the_request_to_the_row_and_to_all_that_was_logged_of_it(
    stack: Stack,
) -> None:
    stack.start_simulator()
    stack.start_web()
    stack.start_worker()

    answer = register(stack, FAILS_ONCE)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/perfil/")
    request_id = answer.headers["X-Request-ID"]
    wait_until(lambda: stack.statuses()["ACTIVE"] == 1, "the lookup is answered")
    stack.stop()

    row = stack.lookups()[FAILS_ONCE]
    attempts = stack.query("SELECT * FROM census_lookupattempt ORDER BY id")
    assert row["request_id"] == request_id
    assert [attempt["request_id"] for attempt in attempts] == [request_id] * len(attempts)

    web = [line for line in lines(stack, "web") if line.get("request_id") == request_id]
    (access,) = [line for line in web if line["logger"] == "gunicorn.access"]
    assert (access["method"], access["path"], access["status"]) == ("POST", "/registro/", 302)
    assert f"The lookup of user {row['user_id']} is queued." in [line["message"] for line in web]

    worker = [line for line in lines(stack, "worker") if line.get("request_id") == request_id]
    ends = [line for line in worker if "outcome" in line]
    told = ("attempt", "outcome", "page_shape", "solves_paid", "worker")
    stored = ("number", "outcome", "page_shape", "solves_paid", "worker")
    assert [tuple(line[name] for name in told) for line in ends] == [
        tuple(attempt[name] for name in stored) for attempt in attempts
    ]
    assert ends[-1]["outcome"] == "ACTIVE"
    for line in ends:
        assert (line["info_id"], line["cedula"]) == (row["id"], "••••082")
        assert line["seconds"] > 0


@pytest.mark.environment(LOG_FORMAT="json", LOG_LEVEL="debug")
def test_every_line_of_every_process_is_of_one_format_and_tells_no_cedula(stack: Stack) -> None:
    stack.start_simulator()
    stack.start_web()
    worker = stack.start_worker()
    register(stack, cedulas.formatted(FAILS_ONCE))
    requests.get(f"{stack.web_url}/no-hay/{FAILS_ONCE}/?q={FAILS_ONCE}", timeout=30)
    wait_until(lambda: stack.statuses()["ACTIVE"] == 1, "the lookup is answered")
    worker.terminate()
    worker.wait(40)
    stack.stop()

    written = lines(stack, "web") + lines(stack, "worker")

    for name in ("web", "worker"):
        starts = [line for line in lines(stack, name) if line.get("version") == __version__]
        assert starts, f"{name} says its version when it starts"
        assert starts[0]["message"].startswith(f"Censo al Día {__version__}")
        assert starts[0]["code"] == code_version()
    loggers = {line["logger"] for line in written}
    assert loggers >= {
        *("gunicorn.error", "gunicorn.access", "django.request", "django-q"),
        *("census.lookups.log", "census.worker.sentinel"),
    }
    assert all(datetime.fromisoformat(line["time"]).utcoffset() is not None for line in written)
    for secret in (FAILS_ONCE, cedulas.formatted(FAILS_ONCE), PASSWORD, "300 123"):
        assert secret not in stack.log("web") + stack.log("worker")


def test_where_debug_is_on_people_read_along(stack: Stack) -> None:
    stack.start_web()

    answer = requests.get(f"{stack.web_url}/ingresar/", timeout=30)

    line = f"GET /ingresar/ 200 request_id={answer.headers['X-Request-ID']}"
    wait_until(lambda: line in stack.log("web"), "the answer is logged")


def test_after_a_reload_the_web_server_runs_the_code_and_reads_the_file_of_then(
    stack: Stack, tmp_path: Path
) -> None:
    product = copy_of_the_product(tmp_path / "elsewhere")
    settings, code = product / ".env", product / "config" / "logs" / "lines.py"
    del stack.environment["LOG_FORMAT"]
    settings.write_text("LOG_FORMAT=text\n", encoding="utf-8")
    address = stack.web_url.removeprefix("http://")
    web = stack.start("web", "-m", "gunicorn", "config.wsgi", "--bind", address, cwd=product)

    def asked() -> str:
        answers(f"{stack.web_url}/no-hay/")
        return stack.log("web")

    wait_until(lambda: "django.request: Not Found" in asked(), "the old code writes text")
    settings.write_text("LOG_FORMAT=json\n", encoding="utf-8")
    old = code.read_text(encoding="utf-8")
    code.write_text(old.replace("America/Bogota", "Asia/Kolkata"), encoding="utf-8")
    web.send_signal(signal.SIGHUP)

    new = re.compile(r'^\{"time": "[^"]+\+05:30", .*"logger": "django.request"', re.MULTILINE)
    wait_until(lambda: new.search(asked()), "the new code writes JSON")
