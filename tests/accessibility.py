"""Check a page with axe-core."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TRANSITIONS = """
Promise.allSettled(document.getAnimations()
  .filter((animation) => animation instanceof CSSTransition)
  .map((transition) => transition.finished))
"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """Each breach of WCAG 2.2 AA, and of axe's best practices, with its element.

    CSS transitions are waited for: a colour in between could fail the contrast rule.
    """
    page.evaluate(TRANSITIONS)
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        f"{breach['id']} ({breach['impact']}): {node['html'][:200]}"
        for breach in found
        for node in breach["nodes"]
    ]
