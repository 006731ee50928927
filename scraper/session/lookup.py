"""One lookup, from its wait for a turn to its answer."""

import asyncio
import contextlib
import logging
import time
import traceback
from dataclasses import dataclass

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from scraper.background import drop, first_of
from scraper.browser.failures import first_line, is_crash, network_failure
from scraper.browser.pool import Browsers
from scraper.browser.running import Tab
from scraper.captcha import Tokens
from scraper.config import ScraperConfig
from scraper.errors import (
    BrowserCrashed,
    BrowserUnavailable,
    ScraperError,
    SiteTimeout,
    SiteUnavailable,
    TurnMissed,
    UnknownPage,
)
from scraper.parsers.privacy import mask_page_text
from scraper.results import Lookup
from scraper.session.inquiry import Inquiry
from scraper.session.pacer import Pacer
from scraper.session.visit import Visit
from scraper.turn import LookupFuture, Turn

logger = logging.getLogger(__name__)

PACER = Pacer()
"""One per process: all its scrapers visit the same site."""

PAGE_TEXT_SECONDS = 2.0

MISSED = "The browser was not ready before the turn was over."


@dataclass(frozen=True, slots=True)
class Tools:
    """The objects that all lookups of a session share."""

    config: ScraperConfig
    browsers: Browsers
    tokens: Tokens
    unpaced: asyncio.Semaphore
    """Held by a lookup without a turn: nothing else limits how many of them have a page open."""


class LookupRun:
    """One lookup. Call `run` once."""

    def __init__(self, tools: Tools, cedula: str, turn: Turn | None, future: LookupFuture) -> None:
        self._tools = tools
        self._config = tools.config
        self._cedula = cedula
        self._turn = turn
        self._future = future
        self._is_released = False

    async def run(self) -> Lookup:
        """Return the answer, or raise a ScraperError; retry once if the browser fails first."""
        if not self._config.url:
            raise SiteUnavailable("REGISTRADURIA_URL is not set: there is no site to ask.")
        async with contextlib.nullcontext() if self._turn else self._tools.unpaced:
            try:
                return await self._attempt()
            except (BrowserCrashed, BrowserUnavailable) as error:
                if self._is_released:
                    raise
                logger.info("The site was not visited yet, so once more: %s", error)
            return await self._attempt()

    async def _attempt(self) -> Lookup:
        closes_at = self._turn.closes_at if self._turn else None
        try:
            # A turn is on asyncio's clock: time.monotonic().
            async with asyncio.timeout_at(closes_at) as end_of_turn:
                async with self._tools.browsers.tab() as tab:
                    try:
                        return await self._visit(tab, end_of_turn)
                    except ScraperError as error:
                        raise await self._completed(error, tab) from error.__cause__
                    except Exception as error:
                        raise await self._completed(_translated(error), tab) from error
        except TimeoutError:
            raise TurnMissed(MISSED) from None

    async def _visit(self, tab: Tab, end_of_turn: asyncio.Timeout) -> Lookup:
        visit = await Visit.prepare(tab, self._note_visit)
        opening = asyncio.ensure_future(
            tab.page.goto(self._config.url, wait_until="commit", timeout=0)
        )
        try:
            await first_of(visit.held, opening, tab.lost)
            if opening.done():
                opening.result()  # raises: a request that is held back cannot have been answered
            await self._await_turn(tab)
            end_of_turn.reschedule(None)
            self._is_released = True
            await visit.release()
            async with asyncio.timeout(self._config.timeout_seconds):
                tokens = self._tools.tokens
                inquiry = Inquiry(self._config, tokens, tab, self._cedula, self._future)
                return await inquiry.answer(opening)
        finally:
            visit.finish()
            drop(opening)

    async def _await_turn(self, tab: Tab) -> None:
        """Return when the visit may begin; the caller must make it at once.

        Raises TurnMissed, or BrowserCrashed if the browser was lost meanwhile.
        """
        if self._turn is not None:
            opens_at = max(self._turn.opens_at, PACER.opens_at(self._config.interval_seconds))
            await asyncio.wait({tab.lost}, timeout=opens_at - time.monotonic())
            if time.monotonic() > self._turn.closes_at:
                raise TurnMissed(MISSED)
        elif not tab.lost.done():
            await PACER.acquire(self._config.interval_seconds)
            if tab.lost.done():
                PACER.release(None)
        if tab.lost.done():
            raise BrowserCrashed("The browser was lost before the visit.")

    def _note_visit(self) -> None:
        now = time.monotonic()
        self._future.visited_at = now
        if self._turn is None:
            PACER.release(now)
        else:
            PACER.note_visit(now)
        try:
            self._future.on_visited()
        except Exception:
            logger.exception("The callback after a visit failed.")

    async def _completed(self, error: ScraperError, tab: Tab) -> ScraperError:
        """Return `error` with the page's text, or a BrowserCrashed if that was the cause."""
        if isinstance(error, SiteTimeout) and not await tab.browser.is_answering():
            return BrowserCrashed("The browser has stopped answering.")
        if tab.lost.done():
            is_its_doing = isinstance(error, SiteUnavailable | SiteTimeout | UnknownPage)
            return BrowserCrashed("The browser was lost.") if is_its_doing else error
        error.page_text = error.page_text or await _page_text(tab.page)
        return error


def _translated(error: Exception) -> ScraperError:
    match error:
        case TimeoutError():
            return SiteTimeout("The lookup took too long.")
        case PlaywrightTimeout():
            return SiteTimeout(f"The page did not react in time ({first_line(error)}).")
        case PlaywrightError() if is_crash(error):
            return BrowserCrashed(f"The browser was lost ({first_line(error)}).")
        case PlaywrightError() if failure := network_failure(str(error)):
            return failure
        case PlaywrightError() if "Download is starting" in str(error):
            return UnknownPage("The site sent a file in place of a page.")
    report_unexpected(error)
    return UnknownPage("The page did something that was not expected; the log has the details.")


def report_unexpected(error: BaseException) -> None:
    """Log an unexpected error with its traceback.

    Only the first line of its message, masked: the rest may repeat what was typed into the page.
    """
    logger.error(
        "Unexpected %s: %s\n%s",
        type(error).__name__,
        mask_page_text(first_line(error)),
        "".join(traceback.format_tb(error.__traceback__)),
    )


async def _page_text(page: Page) -> str:
    """The page's text, masked; '' if it cannot be read within PAGE_TEXT_SECONDS."""
    if not page.url.startswith(("http://", "https://")):
        return ""
    try:
        async with asyncio.timeout(PAGE_TEXT_SECONDS):
            return mask_page_text(await page.evaluate("document.documentElement.outerHTML"))
    except (TimeoutError, PlaywrightError) as error:
        logger.debug("The page's text could not be read: %s", first_line(error))
        return ""
