"""A person's browser, and the product as real processes around it."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import launch
from tests.leaders import FAILED, NOVEDAD, PLACE, Leader
from tests.stack import Stack, running_stack

PHONE = {"width": 360, "height": 740}
_leaders = count(2_000_000_011, 100)


@pytest.fixture
def stack(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The environment of one test; `@pytest.mark.environment(NAME="value")` changes it."""
    marker = request.node.get_closest_marker("environment")
    with running_stack(tmp_path, **(marker.kwargs if marker else {})) as stack:
        yield stack


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A phone's page; an error in its console, or a script that fails, fails the test.

    `@pytest.mark.complaints("text", …)` says which errors in the console a test is about.
    """
    marker = request.node.get_closest_marker("complaints")
    expected: tuple[str, ...] = marker.args if marker else ()
    context = browser.new_context(viewport=PHONE, locale="es-CO", base_url=None)  # type: ignore[arg-type]
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: problems.append(message.text) if message.type == "error" else None,
    )
    yield page
    context.close()
    assert [text for text in problems if not any(part in text for part in expected)] == []


@pytest.fixture(scope="module")
def quiet_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web server alone: with nobody at work every row stays what a test made it."""
    with running_stack(tmp_path_factory.mktemp("table")) as stack:
        stack.start_web()
        yield stack


@pytest.fixture
def leader(quiet_site: Stack) -> Leader:
    """A leader of the test's own, who has brought nobody yet."""
    return Leader(quiet_site, str(next(_leaders)))


@pytest.fixture
def mixed(leader: Leader) -> Leader:
    """With eight referidos: one in most states, and three that failed."""
    number = int(leader.cedula) - 1_000_000_000
    states = [FAILED, FAILED, FAILED, PLACE, PLACE, NOVEDAD, {"status": "NOT_FOUND"}, None]
    names = ["Ana Gil", "Beto Gil", "Caro Paz", "Dora Rey", "Eva Ríos", "Fabio Sanz", "Gil Toro"]
    people = [
        (f"{number + i}", name, state)
        for i, (name, state) in enumerate(zip([*names, "Hugo Uribe"], states, strict=True))
    ]
    leader.bring(*people)
    return leader
