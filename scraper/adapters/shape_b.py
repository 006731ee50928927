"""Page shape B: a single-page app over a JSON API of the same origin."""

import asyncio
from collections.abc import Callable
from functools import partial

from playwright.async_api import Page, Request

from scraper.adapters.answers import AnswerWatch, path_of, read_answer
from scraper.adapters.form import choose_current_place, fill_number
from scraper.errors import SiteTimeout
from scraper.parsers import parse_answer_b
from scraper.results import Lookup

NUMBER, CHOICE, BUTTON = "#documento", "#eleccion", "#submitBtn"
CURRENT_PLACE_VALUE = "0"
QUESTION_PATH = "/api/consulta"


class ShapeB:
    """Asks a page of shape B."""

    async def fill(self, page: Page, cedula: str, within_seconds: float) -> None:
        """See Adapter. The elections come from the API after the page."""
        await fill_number(page, NUMBER, cedula)
        await choose_current_place(page, CHOICE, CURRENT_PLACE_VALUE, within_seconds)

    async def ask(
        self, page: Page, cedula: str, within_seconds: float, on_asked: Callable[[], None]
    ) -> Lookup:
        """See Adapter."""
        with AnswerWatch(page, _is_question, on_asked) as watch:
            try:
                async with asyncio.timeout(within_seconds):
                    await page.locator(BUTTON).click(timeout=0)
                    response = await watch.answer
                    return await read_answer(response, partial(parse_answer_b, cedula=cedula))
            except TimeoutError:
                raise SiteTimeout("The answer did not come in time.") from None


def _is_question(request: Request) -> bool:
    return request.method == "POST" and path_of(request.url).endswith(QUESTION_PATH)
