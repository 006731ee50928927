"""From the page that is being loaded to its answer: recognise, fill in, pass the captcha, ask."""

import asyncio

from playwright.async_api import Page, Response

from scraper.adapters import ask
from scraper.adapters.answers import refusal_by_status
from scraper.adapters.form import fill_form
from scraper.adapters.widget import find_captcha, put_token
from scraper.browser.running import Tab
from scraper.captcha import Purchase, Tokens
from scraper.config import ScraperConfig
from scraper.errors import (
    CaptchaRejected,
    ScraperError,
    SiteBlocked,
    SiteTimeout,
    SiteUnavailable,
    UnknownPage,
)
from scraper.page_shape import Asking, PageShape
from scraper.results import Lookup
from scraper.shapes import recognise_page
from scraper.turn import LookupFuture, Stage

# The page's HTML and whether it has loaded; null while both are as in `seen`.
VIEW = """
(seen) => {
  const root = document.documentElement;
  const view = {html: root ? root.outerHTML : '', isComplete: document.readyState === 'complete'};
  const isSame = seen && seen.html === view.html && seen.isComplete === view.isComplete;
  return isSame ? null : view;
}
"""


class Inquiry:
    """One question to the census, asked on one page."""

    def __init__(
        self, config: ScraperConfig, tokens: Tokens, tab: Tab, cedula: str, future: LookupFuture
    ) -> None:
        self._seconds = config.page_timeout_seconds
        self._tokens = tokens
        self._tab = tab
        self._page = tab.page
        self._cedula = cedula
        self._future = future
        self._is_asked = False

    async def answer(self, opening: "asyncio.Future[Response | None]") -> Lookup:
        """Return the census's answer, or raise a ScraperError. `opening` is the running navigation.

        The captcha is bought last, when the page is recognised and filled in: little can fail then.
        """
        self._future.enter(Stage.OPENING)
        shape = await self._recognised(opening)
        self._future.page_shape = shape.name
        await fill_form(self._page, shape.asking.form, self._cedula, self._seconds)
        purchase = await self._pass_captcha()
        self._future.enter(Stage.READING)
        return await self._ask(shape.asking, purchase)

    async def _recognised(self, opening: "asyncio.Future[Response | None]") -> PageShape:
        """Return the page's shape, once it shows one: a single-page app renders itself late."""
        recognition = _Recognition(self._page)
        try:
            async with asyncio.timeout(self._seconds):
                response = await opening
                return await recognition.shape(response.status if response else 0)
        except TimeoutError:
            raise recognition.verdict() from None

    async def _pass_captcha(self) -> Purchase | None:
        """Put a token into the page; return its purchase, or None if the page has no captcha."""
        captcha = await find_captcha(self._page, self._seconds)
        if captcha is None:
            return None
        self._future.enter(Stage.SOLVING)
        purchase = await self._tokens.obtain(captcha, self._tab.lost, self._note_payment)
        try:
            await put_token(self._page, purchase.task.result().token, self._seconds)
        except BaseException:
            self._tokens.give_back(purchase)
            raise
        return purchase

    async def _ask(self, asking: Asking, purchase: Purchase | None) -> Lookup:
        # Once the form is sent the token may be used up, whatever comes back: never give it back.
        try:
            lookup = await ask(self._page, asking, self._cedula, self._seconds, self._note_question)
        except CaptchaRejected:
            # If the page's own script refused it, the token was sent to nobody.
            if purchase is not None and self._is_asked:
                self._tokens.report(purchase, is_good=False)
            raise
        if purchase is not None:
            self._tokens.report(purchase, is_good=True)
        return lookup

    def _note_payment(self) -> None:
        self._future.solves_paid += 1

    def _note_question(self) -> None:
        self._is_asked = True


class _Recognition:
    """Looks at a page again and again until its shape is certain."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._view: dict[str, object] | None = None
        self._failure: ScraperError | None = None

    async def shape(self, status: int) -> PageShape:
        """Return the page's shape. `status` is the HTTP status of its document.

        Raises the ScraperError that the page stands for, as soon as that is certain.
        """
        await self._page.wait_for_load_state("domcontentloaded", timeout=0)
        while True:
            handle = await self._page.wait_for_function(
                VIEW, arg=self._view, polling=100, timeout=0
            )
            self._view = await handle.json_value()
            try:
                shape = recognise_page(str(self._view["html"]))
            except ScraperError as failure:
                self._failure = failure
                if self._is_certain(failure):
                    raise
                if isinstance(failure, UnknownPage) and (refusal := refusal_by_status(status)):
                    refusal.page_text = failure.page_text
                    raise refusal from None
            else:
                if isinstance(refusal := refusal_by_status(status), SiteUnavailable):
                    raise refusal
                return shape

    def verdict(self) -> ScraperError:
        """The error to raise when time is up."""
        if self._failure is None:
            return SiteTimeout("The page did not load in time.")
        if isinstance(self._failure, UnknownPage) and not self._is_complete:
            return SiteTimeout("The page did not load to its end in time.")
        return self._failure

    @property
    def _is_complete(self) -> bool:
        return self._view is not None and self._view["isComplete"] is True

    def _is_certain(self, failure: ScraperError) -> bool:
        """True if another look at the page could not change `failure`.

        A firewall's page is certain at once. A page that speaks of trouble may be what an app shows
        before it has loaded, an empty one an app that has not rendered itself, and any other may
        yet become a known one.
        """
        if isinstance(failure, SiteUnavailable):
            return self._is_complete and bool(failure.page_text)
        return isinstance(failure, SiteBlocked)
