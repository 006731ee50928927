"""A person's browser, and the product as real processes around it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import launch
from tests.stack import Stack, running_stack

PHONE = {"width": 360, "height": 740}


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
def page(browser: Browser) -> Iterator[Page]:
    """A phone's page; an error in its console, or a script that fails, fails the test."""
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
    assert problems == []
