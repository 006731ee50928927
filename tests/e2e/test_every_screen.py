"""Every page and state: accessible, nothing wider than the window, nothing that jumps."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.accessibility import violations
from tests.screens import SCREENS, SIZES, Visitor, gallery
from tests.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

SHIFTS = """
window.layoutShifts = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries())
    if (!shift.hadRecentInput) window.layoutShifts.push(shift.value);
}).observe({type: "layout-shift", buffered: true});
"""
LATE = 0.6
"""Seconds: within half a second of a press a page may move, and is not counted as shifting."""
SHIFT_ALLOWED = 0.05
"""Half of the score that Core Web Vitals call good (0.1)."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Stack]:
    """A gallery of the test's own: what is done on a screen changes what others show."""
    with gallery(tmp_path) as stack:
        yield stack


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desk", "dark")])
def test_nothing_is_wrong_with_any(site: Stack, browser: Browser, size: str, scheme: Any) -> None:
    visitor = Visitor(browser, site, SIZES[size], scheme)
    found: dict[str, list[str]] = {}
    for screen in SCREENS:
        with visitor.at(screen, init_script=SHIFTS, answers_after=LATE) as page:
            found[screen.name] = problems(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def problems(page: Page) -> list[str]:
    wrong = violations(page)
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        wrong.append("wider than the window")
    if page.locator("h1").count() != 1:
        wrong.append("not one h1")
    shift = page.evaluate("window.layoutShifts.reduce((sum, shift) => sum + shift, 0)")
    if shift > SHIFT_ALLOWED:
        wrong.append(f"the layout shifts by {shift:.3f}")
    return wrong
