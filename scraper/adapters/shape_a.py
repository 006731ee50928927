"""Page shape A: a form whose answer comes by script into the page's own containers."""

import asyncio
from collections.abc import Callable
from functools import partial

from playwright.async_api import Page, Request

from scraper.adapters.answers import AnswerWatch, path_of, read_answer
from scraper.adapters.form import choose_current_place, fill_number
from scraper.background import drop, first_of
from scraper.errors import SiteTimeout, UnknownPage
from scraper.parsers import parse_answer_a, parse_result_html
from scraper.results import Lookup

NUMBER, CHOICE, BUTTON = "#nuip", "#tipo", "#enviar"
CURRENT_PLACE_VALUE = "-1"
QUESTION_KINDS = frozenset({"xhr", "fetch", "document"})

# What the containers for results say, and the page around them once that has changed.
SHOWN = """
(before) => {
  const places = document.querySelectorAll('#success, #div_warning, #div_error, table#consulta');
  const text = [...places].map((place) => place.textContent.trim()).join(' ').trim();
  if (before !== null && (text === before || text === '')) return null;
  return {text, html: document.documentElement.outerHTML};
}
"""


class ShapeA:
    """Asks a page of shape A."""

    async def fill(self, page: Page, cedula: str, within_seconds: float) -> None:
        """See Adapter."""
        await fill_number(page, NUMBER, cedula)
        await choose_current_place(page, CHOICE, CURRENT_PLACE_VALUE, within_seconds)

    async def ask(
        self, page: Page, cedula: str, within_seconds: float, on_asked: Callable[[], None]
    ) -> Lookup:
        """See Adapter.

        The answer is the one to the page's own request. A page that sends none but shows
        something, be it a refusal by its own script, is read for what it shows.
        """
        shown = (await page.evaluate(SHOWN, None))["text"]
        with AnswerWatch(page, partial(_is_question, path_of(page.url)), on_asked) as watch:
            reader = _Reader(page, watch, cedula)
            try:
                async with asyncio.timeout(within_seconds):
                    await page.locator(BUTTON).click(timeout=0)
                    return await reader.first_answer(shown)
            except TimeoutError:
                raise reader.unknown or SiteTimeout("The answer did not come in time.") from None


class _Reader:
    """Waits for an answer by request or on the page, whichever the page uses."""

    def __init__(self, page: Page, watch: AnswerWatch, cedula: str) -> None:
        self.unknown: UnknownPage | None = None
        """What the page showed last, where that was no answer."""
        self._page = page
        self._watch = watch
        self._cedula = cedula

    async def first_answer(self, shown: str) -> Lookup:
        while True:
            showing = asyncio.ensure_future(_next_shown(self._page, shown))
            try:
                await first_of(self._watch.answer, showing)
                if self._watch.is_asked:  # what the page shows from now on is a copy, at best
                    return await self._answer_by_request()
                shown, html = await showing
            finally:
                drop(showing)
            try:
                return parse_result_html(html, cedula=self._cedula)
            except UnknownPage as error:  # perhaps "one moment, please": more may come
                self.unknown = error

    async def _answer_by_request(self) -> Lookup:
        response = await self._watch.answer
        is_page = response.request.resource_type == "document"
        parse = parse_result_html if is_page else parse_answer_a
        return await read_answer(response, partial(parse, cedula=self._cedula))


async def _next_shown(page: Page, before: str) -> tuple[str, str]:
    """Text and HTML as soon as the containers show anything else than `before`."""
    found = await page.wait_for_function(SHOWN, arg=before, polling=100, timeout=0)
    shown = await found.json_value()
    return shown["text"], shown["html"]


def _is_question(page_path: str, request: Request) -> bool:
    return (
        request.method == "POST"
        and request.resource_type in QUESTION_KINDS
        and path_of(request.url) == page_path
    )
