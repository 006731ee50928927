"""Fill in and send the form of a census page, in one adapter for each way of asking.

Adapters drive pages. `scraper.shapes` tells them with which selectors; what an answer says is read
by `scraper.parsers`.
"""

from collections.abc import Callable
from typing import Protocol, assert_never

from playwright.async_api import Page

from scraper.adapters.api import ApiAdapter
from scraper.adapters.own_address import OwnAddressAdapter
from scraper.page_shape import AskApi, Asking, AskOwnAddress
from scraper.results import Lookup


class Adapter(Protocol):
    """One way to ask a page. Times are in seconds."""

    async def fill(self, page: Page, cedula: str, within_seconds: float) -> None:
        """Fill the form in, except for the captcha. Raises UnknownPage or SiteUnavailable."""

    async def ask(
        self, page: Page, cedula: str, within_seconds: float, on_asked: Callable[[], None]
    ) -> Lookup:
        """Send the form and return its answer. `on_asked` is called when the question has left.

        Raises the ScraperError that kept the lookup from an answer.
        """


def adapter_for(asking: Asking) -> Adapter:
    match asking:
        case AskOwnAddress():
            return OwnAddressAdapter(asking)
        case AskApi():
            return ApiAdapter(asking)
        case _:
            assert_never(asking)
