"""Every page and state: accessible, nothing wider than the window, nothing that jumps.

As it is, by keyboard alone, at twice the size, and without scripts.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.accessibility import violations
from tests.screens import SCREENS, SIZES, Viewer, gallery
from tests.stack import Stack

pytestmark = [pytest.mark.e2e]

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
MOVING = """
document.getAnimations()
  .filter((animation) => animation.effect.getComputedTiming().activeDuration > 10)
  .map((animation) => animation.animationName || animation.transitionProperty)
"""
"""Elements that move for longer than a blink although the browser asks for reduced motion."""
WIDER = "document.documentElement.scrollWidth > window.innerWidth"
MOST_TABS = 600
FOCUS = """
document.body.tabIndex = -1;
document.body.focus();  // Tab goes on from the page's beginning
document.body.removeAttribute("tabindex");
window.focused = new Set();
window.shown = (element) =>
  element.checkVisibility({checkVisibilityCSS: true, checkOpacity: false})
  && element.getClientRects().length > 0;
window.told = (element) => element.outerHTML.replace(/\\s+/g, " ").slice(0, 160);
window.lookAtFocus = () => {
  const element = document.activeElement;
  if (element === document.body || window.focused.has(element)) return null;
  window.focused.add(element);
  const wrong = [];
  const box = element.getBoundingClientRect();
  const inside = {
    left: Math.max(box.left, 0), right: Math.min(box.right, window.innerWidth),
    top: Math.max(box.top, 0), bottom: Math.min(box.bottom, window.innerHeight)};
  const at = (part, from, to) => from + (to - from) * part;
  const labels = [...(element.labels || [])];
  const seen = [0.1, 0.5, 0.9].some((x) => [0.1, 0.5, 0.9].some((y) => {
    const top = document.elementFromPoint(
      at(x, inside.left, inside.right), at(y, inside.top, inside.bottom));
    return top && (element.contains(top) || top.contains(element) && !top.matches("html, body")
      || labels.some((label) => label.contains(top)));
  }));
  if (inside.left >= inside.right || inside.top >= inside.bottom || !seen)
    wrong.push("not seen: " + window.told(element));
  const ringed = [element, ...labels].some((one) => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1)
      || style.boxShadow !== "none";
  });
  if (!ringed) wrong.push("no ring: " + window.told(element));
  return wrong;
};
window.neverFocused = () => [...document.querySelectorAll(
    "a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary"
  )].filter((element) => element.tabIndex >= 0 && window.shown(element)
    && !window.focused.has(element)
    && !(element.type === "radio" && element.name && [...window.focused].some(
      (other) => other.type === "radio" && other.name === element.name)))
  .map((element) => "not reached: " + window.told(element));
"""
DOES_NOTHING = """
[...document.querySelectorAll(
    "button:not(.theme-toggle), [role=button], a, form")].filter((element) =>
  element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden"
  && (element.matches("form") ? !element.hasAttribute("action")
    : element.matches("a") ? !element.href
    : !(element.form && element.type === "submit")))
  .map((element) => "does nothing: " + element.outerHTML.replace(/\\s+/g, " ").slice(0, 160))
"""
"""Forms name their address, too; what chooses a theme in the administration is Django's own."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Stack]:
    """A gallery of the test's own: what is done on a screen changes what others show."""
    with gallery(tmp_path) as stack:
        yield stack


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desk", "dark")])
def test_nothing_is_wrong_with_any(site: Stack, browser: Browser, size: str, scheme: Any) -> None:
    viewer = Viewer(browser, site, SIZES[size], scheme)
    assert found_on_each(viewer, problems, init_script=SHIFTS, answers_after=LATE) == {}


@pytest.mark.parametrize(("size", "zoom"), [("desk", 1), ("desk", 2), ("phone", 1)])
def test_all_is_reached_and_seen_by_keyboard(
    site: Stack, browser: Browser, size: str, zoom: int
) -> None:
    viewer = Viewer(browser, site, SIZES[size], zoom=zoom)
    assert found_on_each(viewer, wrong_by_keyboard) == {}


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_without_scripts_there_is_nothing_that_does_nothing(
    site: Stack, browser: Browser, size: str
) -> None:
    viewer = Viewer(browser, site, SIZES[size], scripts=False)
    assert found_on_each(viewer, does_nothing) == {}


def found_on_each(
    viewer: Viewer, look: Callable[[Page], list[str]], **how: Any
) -> dict[str, list[str]]:
    """Return the faults of each screen that has some, with its width."""
    found: dict[str, list[str]] = {}
    for screen in SCREENS:
        with viewer.at(screen, **how) as page:
            wrong = look(page)
            if page.evaluate(WIDER):
                wrong.append("wider than the window")
            if wrong:
                found[screen.name] = wrong
    return found


def does_nothing(page: Page) -> list[str]:
    return [*page.evaluate(DOES_NOTHING)]


def wrong_by_keyboard(page: Page) -> list[str]:
    """Return the controls that Tab does not reach, or that are hidden while they have the focus."""
    page.evaluate(FOCUS)
    wrong: list[str] = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        step = page.evaluate("lookAtFocus()")
        if step is None:
            return [*wrong, *page.evaluate("neverFocused()")]
        wrong += step
    return [*wrong, f"more than {MOST_TABS} stops"]


def problems(page: Page) -> list[str]:
    wrong = violations(page)
    wrong += [f"moves: {name}" for name in page.evaluate(MOVING)]
    if page.locator("h1").count() != 1:
        wrong.append("not one h1")
    shift = page.evaluate("window.layoutShifts.reduce((sum, shift) => sum + shift, 0)")
    if shift > SHIFT_ALLOWED:
        wrong.append(f"the layout shifts by {shift:.3f}")
    return wrong
