"""Ask a page that posts its form to its own address; the answer may be JSON, a page, or shown."""

import asyncio
from collections.abc import Callable
from functools import partial

from playwright.async_api import Page, Request

from scraper.adapters.answers import AnswerWatch, path_of, read_answer
from scraper.background import drop, first_of
from scraper.errors import SiteTimeout, UnknownPage
from scraper.page_shape import AskOwnAddress
from scraper.results import Lookup

QUESTION_KINDS = frozenset({"xhr", "fetch", "document"})

# The text of the result elements, and the page around them once that text has changed.
SHOWN = """
({results, before}) => {
  const places = document.querySelectorAll(results);
  const text = [...places].map((place) => place.textContent.trim()).join(' ').trim();
  if (before !== null && (text === before || text === '')) return null;
  return {text, html: document.documentElement.outerHTML};
}
"""


async def ask_own_address(
    page: Page,
    asking: AskOwnAddress,
    cedula: str,
    within_seconds: float,
    on_asked: Callable[[], None],
) -> Lookup:
    """See `scraper.adapters.ask`.

    The response to the page's own request is the answer. If the page sends none but shows
    something, such as a refusal by its own script, that is read instead.
    """
    before = await page.evaluate(SHOWN, {"results": asking.results, "before": None})
    with AnswerWatch(page, partial(_is_question, path_of(page.url)), on_asked) as watch:
        reader = _Reader(page, watch, asking, cedula)
        try:
            async with asyncio.timeout(within_seconds):
                await page.locator(asking.form.button).click(timeout=0)
                return await reader.first_answer(before["text"])
        except TimeoutError:
            raise reader.unknown or SiteTimeout("The answer did not come in time.") from None


class _Reader:
    """Waits for an answer by request or on the page, whichever the page uses."""

    def __init__(self, page: Page, watch: AnswerWatch, asking: AskOwnAddress, cedula: str) -> None:
        self.unknown: UnknownPage | None = None
        """Why the text that the page showed last is no answer."""
        self._page = page
        self._watch = watch
        self._results = asking.results
        self._parse = partial(asking.parse, cedula=cedula)
        self._parse_page = partial(asking.parse_page, cedula=cedula)

    async def first_answer(self, text: str) -> Lookup:
        """Return the answer. `text` is that of the result elements before the question."""
        while True:
            arguments = {"results": self._results, "before": text}
            showing = asyncio.ensure_future(
                self._page.wait_for_function(SHOWN, arg=arguments, polling=100, timeout=0)
            )
            try:
                await first_of(self._watch.answer, showing)
                if self._watch.is_asked:  # what the page shows from now on is a copy, at best
                    return await self._answer_by_request()
                shown = await (await showing).json_value()
            finally:
                drop(showing)
            text = shown["text"]
            try:
                return self._parse_page(shown["html"])
            except UnknownPage as error:  # perhaps "one moment, please": more may come
                self.unknown = error

    async def _answer_by_request(self) -> Lookup:
        response = await self._watch.answer
        is_page = response.request.resource_type == "document"
        return await read_answer(response, self._parse_page if is_page else self._parse)


def _is_question(page_path: str, request: Request) -> bool:
    return (
        request.method == "POST"
        and request.resource_type in QUESTION_KINDS
        and path_of(request.url) == page_path
    )
