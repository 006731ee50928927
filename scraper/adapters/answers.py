"""Watch a page send its question, and read the response."""

import asyncio
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request, Response

from scraper.background import drop
from scraper.browser.failures import is_crash, network_failure
from scraper.errors import ScraperError, SiteBlocked, SiteUnavailable, UnknownPage
from scraper.parsers.decoding import text_of
from scraper.results import Lookup

REFUSED_STATUSES = frozenset({401, 403, 429})
"""Some firewalls refuse by the status, too."""
FIRST_SERVER_ERROR = 500

Parse = Callable[[str], Lookup]


class AnswerWatch:
    """Watches for the question and its response. Enter it before the form is sent."""

    def __init__(
        self, page: Page, is_question: Callable[[Request], bool], on_asked: Callable[[], None]
    ) -> None:
        self.is_asked = False
        self.answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._page = page
        self._is_question = is_question
        self._on_asked = on_asked

    def __enter__(self) -> Self:
        self._page.on("request", self._on_request)
        self._page.on("response", self._on_response)
        self._page.on("requestfailed", self._on_failure)
        return self

    def __exit__(self, *exception: object) -> None:
        self._page.remove_listener("request", self._on_request)
        self._page.remove_listener("response", self._on_response)
        self._page.remove_listener("requestfailed", self._on_failure)
        drop(self.answer)

    def _on_request(self, request: Request) -> None:
        if not self.is_asked and self._is_question(first_request(request)):
            self.is_asked = True
            self._on_asked()

    def _on_response(self, response: Response) -> None:
        is_redirect = 300 <= response.status < 400
        if not is_redirect and self._is_question(first_request(response.request)):
            self._settle(response)

    def _on_failure(self, request: Request) -> None:
        if self._is_question(first_request(request)):
            self._settle(broken_off(request.failure or ""))

    def _settle(self, outcome: Response | ScraperError) -> None:
        if self.answer.done():
            return
        if isinstance(outcome, ScraperError):
            self.answer.set_exception(outcome)
        else:
            self.answer.set_result(outcome)


async def read_answer(response: Response, parse: Parse) -> Lookup:
    """Return the parsed body. If that is unknown, the HTTP status decides which error is raised."""
    try:
        body = await response.body()
    except PlaywrightError as error:
        if is_crash(error):
            raise
        raise broken_off(str(error)) from error
    try:
        return parse(text_of(body))
    except UnknownPage as unknown:
        raise refusal_by_status(response.status) or unknown from None


def refusal_by_status(status: int) -> ScraperError | None:
    """Return the error that the HTTP status of an unknown page means, or None."""
    if status >= FIRST_SERVER_ERROR:
        return SiteUnavailable(f"The site answered with HTTP {status}.")
    if status in REFUSED_STATUSES:
        return SiteBlocked(f"The site turned us away with HTTP {status}.")
    return None


def first_request(request: Request) -> Request:
    """Return the request that was redirected to this one, or this one."""
    while request.redirected_from is not None:
        request = request.redirected_from
    return request


def path_of(url: str) -> str:
    """Return host and path of an address, which two loads of the same page have in common."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path.rstrip('/')}"


def broken_off(failure: str) -> ScraperError:
    return network_failure(failure) or SiteUnavailable("The site's answer broke off.")
