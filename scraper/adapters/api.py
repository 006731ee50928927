"""Ask a page whose script posts the question to a JSON API, and read the API's response."""

import asyncio
from collections.abc import Callable
from functools import partial

from playwright.async_api import Page, Request

from scraper.adapters.answers import AnswerWatch, path_of, read_answer
from scraper.adapters.form import fill_form
from scraper.errors import SiteTimeout
from scraper.page_shape import AskApi
from scraper.results import Lookup


class ApiAdapter:
    """See Adapter."""

    def __init__(self, asking: AskApi) -> None:
        self._asking = asking

    async def fill(self, page: Page, cedula: str, within_seconds: float) -> None:
        """See Adapter. The elections come from the API after the page."""
        await fill_form(page, self._asking.form, cedula, within_seconds)

    async def ask(
        self, page: Page, cedula: str, within_seconds: float, on_asked: Callable[[], None]
    ) -> Lookup:
        """See Adapter."""
        parse = partial(self._asking.parse, cedula=cedula)
        with AnswerWatch(page, self._is_question, on_asked) as watch:
            try:
                async with asyncio.timeout(within_seconds):
                    await page.locator(self._asking.form.button).click(timeout=0)
                    return await read_answer(await watch.answer, parse)
            except TimeoutError:
                raise SiteTimeout("The answer did not come in time.") from None

    def _is_question(self, request: Request) -> bool:
        return request.method == "POST" and path_of(request.url).endswith(self._asking.path)
