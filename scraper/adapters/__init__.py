"""Fill in and send the form of a census page, in one module for each way of asking.

Adapters drive pages. `scraper.shapes` tells them with which selectors; what an answer says is read
by `scraper.parsers`.
"""

from collections.abc import Callable
from typing import assert_never

from playwright.async_api import Page

from scraper.adapters.api import ask_api
from scraper.adapters.own_address import ask_own_address
from scraper.page_shape import AskApi, Asking, AskOwnAddress
from scraper.results import Lookup


async def ask(
    page: Page, asking: Asking, cedula: str, within_seconds: float, on_asked: Callable[[], None]
) -> Lookup:
    """Send the form, which is filled in, and return its answer.

    `on_asked` is called when the question has left. Raises the ScraperError that kept the lookup
    from an answer.
    """
    match asking:
        case AskOwnAddress():
            return await ask_own_address(page, asking, cedula, within_seconds, on_asked)
        case AskApi():
            return await ask_api(page, asking, cedula, within_seconds, on_asked)
        case _:
            assert_never(asking)
