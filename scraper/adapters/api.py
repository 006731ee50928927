"""Ask a page whose script posts the question to a JSON API, and read the API's response."""

import asyncio
from collections.abc import Callable
from functools import partial

from playwright.async_api import Page, Request

from scraper.adapters.answers import AnswerWatch, path_of, read_answer
from scraper.errors import SiteTimeout
from scraper.page_shape import AskApi
from scraper.results import Lookup


async def ask_api(
    page: Page, asking: AskApi, cedula: str, within_seconds: float, on_asked: Callable[[], None]
) -> Lookup:
    """See `scraper.adapters.ask`."""

    def is_question(request: Request) -> bool:
        return request.method == "POST" and path_of(request.url).endswith(asking.path)

    with AnswerWatch(page, is_question, on_asked) as watch:
        try:
            async with asyncio.timeout(within_seconds):
                await page.locator(asking.form.button).click(timeout=0)
                return await read_answer(await watch.answer, partial(asking.parse, cedula=cedula))
        except TimeoutError:
            raise SiteTimeout("The answer did not come in time.") from None
