"""Bugs that a first version of such a system met, seen with the product as real processes.

The rest of them are in tests/integration/census/lookups/test_regressions.py. All tests share one
database, one web server and one simulator; each starts and ends its own worker.
"""

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from bs4 import BeautifulSoup
from playwright.sync_api import Page, expect

from tests.e2e.test_main_job import ANSWER_MS, card, register
from tests.paths import ROOT
from tests.stack import Stack, family, kill, running_stack, wait_until
from tests.typed import REGISTRATION

pytestmark = [pytest.mark.e2e, pytest.mark.essential]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("product")) as stack:
        stack.start_simulator(captcha_latency=2.0)
        stack.start_web()
        yield stack


def see_all_answered(product: Stack, *cedulas: str) -> None:
    wait_until(
        lambda: {product.lookups()[cedula]["status"] for cedula in cedulas} == {"ACTIVE"},
        f"{', '.join(cedulas)} have their answers",
    )


def stop(worker: subprocess.Popen[bytes]) -> None:
    """End it as an operator does: by then the outcome of each task that it ran is written."""
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0


def failed_tasks(product: Stack) -> list[dict[str, object]]:
    return product.query("SELECT func, result FROM django_q_task WHERE NOT success")


def test_a_worker_that_was_started_elsewhere_finds_its_tasks(
    product: Stack, tmp_path: Path
) -> None:
    """Bug: workers started outside the project's folder said "Function … is not defined"."""
    product.register("1030050011")

    worker = product.start("elsewhere", str(ROOT / "manage.py"), "qcluster", cwd=tmp_path)
    see_all_answered(product, "1030050011")

    stop(worker)
    assert "is not defined" not in product.log("elsewhere")
    assert failed_tasks(product) == []


def by_the_form(product: Stack) -> list[str]:
    """Register as a browser does, over HTTP, so that gunicorn's process queues the task."""
    with requests.Session() as session:
        form = session.get(f"{product.web_url}/registro/", timeout=10)
        token = BeautifulSoup(form.text, "html.parser").select_one("[name=csrfmiddlewaretoken]")
        assert token is not None
        typed = REGISTRATION | {
            "cedula": "1.030.050.031",
            "csrfmiddlewaretoken": str(token["value"]),
        }
        answer = session.post(form.url, typed, timeout=10)
    assert answer.url == f"{product.web_url}/perfil/"
    return ["1030050031"]


def by_a_command(product: Stack) -> list[str]:
    """Return the cédulas of those whom `seed_demo` leaves waiting."""
    product.manage("seed_demo")
    return ["1000000100", "1000000200"]


@pytest.mark.parametrize("make", [by_the_form, by_a_command], ids=lambda make: make.__name__)
def test_whoever_made_the_person_their_task_does_not_fail(
    product: Stack, make: Callable[[Stack], list[str]]
) -> None:
    """Bug: tasks failed after a registration by the form, and after nothing else."""
    worker = product.start_worker(make.__name__)

    see_all_answered(product, *make(product))

    stop(worker)
    assert failed_tasks(product) == []


def test_a_card_whose_worker_was_killed_gets_its_answer_and_stops_asking(
    product: Stack, page: Page
) -> None:
    """Bug: the card of somebody whose worker had been killed went on spinning for ever."""
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    captchas = len(product.simulator_log()["captchas"])
    worker = product.start_worker("killed")
    register(page, product, "1030050021")
    wait_until(lambda: len(product.simulator_log()["captchas"]) > captchas, "it is in flight")
    for process in family(worker.pid):
        kill(process)
    worker.wait(5)

    page.clock.fast_forward(6_000)
    expect(card(page)).to_contain_text("Estamos consultando")
    assert any(url.endswith("/censo/") for url in asked)
    again = product.start_worker("again")
    expect(card(page)).to_contain_text("Mesa", timeout=ANSWER_MS)

    asked.clear()
    page.clock.fast_forward(60_000)
    # A round trip of the page's own: what the clock has set off would have been sent before it.
    page.evaluate("fetch('/salud/').then(answer => answer.text())")
    assert [url.removeprefix(product.web_url) for url in asked] == ["/salud/"]
    stop(again)
