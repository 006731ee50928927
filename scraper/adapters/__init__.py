"""One adapter for each shape of the census page: what to fill in, press and wait for.

Adapters drive pages; what an answer says is read in `scraper.parsers`.
"""

from collections.abc import Callable
from typing import Protocol

from playwright.async_api import Page

from scraper.adapters import shape_a, shape_b
from scraper.parsers import PageShape
from scraper.results import Lookup


class Adapter(Protocol):
    """How one shape of the page is asked."""

    async def fill(self, page: Page, cedula: str, within_seconds: float) -> None:
        """Fill the form in, but for the captcha. Raises UnknownPage or SiteUnavailable."""

    async def ask(
        self, page: Page, cedula: str, within_seconds: float, on_asked: Callable[[], None]
    ) -> Lookup:
        """Send the form and read its answer. `on_asked` is called when the question has left.

        Raises whatever keeps the lookup from an answer.
        """


ADAPTERS: dict[PageShape, Adapter] = {
    PageShape.A: shape_a.ShapeA(),
    PageShape.B: shape_b.ShapeB(),
}
