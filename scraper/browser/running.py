"""One Chromium with the driver that controls it: they start, age and end together.

If either dies or hangs, both are replaced. That costs a second, and leaves one way to recover
instead of three.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from playwright.async_api import Browser, BrowserContext, CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from scraper.background import drop, ignore_outcome
from scraper.browser import chromium
from scraper.browser.driver import Driver
from scraper.browser.failures import first_line
from scraper.errors import BrowserCrashed

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

LAUNCH_SECONDS = 30.0
"""One second is usual, ten on a machine that swaps."""
OPEN_SECONDS = 15.0
"""Limit for a new page. If it takes longer, the browser hangs."""
CLOSE_SECONDS = 5.0
"""Limit for a page or the browser to close, before it is killed."""
REPLY_SECONDS = 5.0
"""Limit for the browser to return its version: only a stopped one takes this long."""


class Tab:
    """One lookup's page, in its own context: lookups share no cookies and no cache."""

    def __init__(self, browser: "RunningBrowser", context: BrowserContext, page: Page) -> None:
        self.browser = browser
        self.context = context
        self.page = page
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the page, the browser or the driver is gone."""
        page.on("crash", lambda _: self.lose())

    def lose(self) -> None:
        if not self.lost.done():
            self.lost.set_result(None)


class RunningBrowser:
    """A Chromium and its driver, both running. Made by `start`."""

    def __init__(self, driver: Driver, browser: Browser, cdp: CDPSession) -> None:
        self.processes = driver.processes
        self.lookups = 0
        """Lookups begun so far."""
        self.users = 0
        """Lookups that have a page of this browser, or wait for one."""
        self.is_lost = False
        self.is_retired = False
        """It finishes its lookups, and takes no new ones."""
        self.on_lost: Callable[[RunningBrowser], None] = lambda _: None
        """Called once, when the loss is noticed; must kill the browser."""
        self._driver = driver
        self._browser = browser
        self._cdp = cdp
        self._tabs: set[Tab] = set()
        self._ending: asyncio.Future[None] | None = None
        browser.on("disconnected", lambda _: self._lose("Chromium has ended"))
        driver.watch(lambda: self._lose("its driver has ended"))

    @classmethod
    async def start(cls, executable: str, folder: Path) -> "RunningBrowser":
        """Start a driver and a Chromium, with their temporary files in a new directory `folder`.

        Raises BrowserCrashed, and leaves nothing running then.
        """
        driver = await Driver.start(folder)
        try:
            # Playwright's own timeout also ends a Chromium that starts too late.
            browser = await chromium.launch(driver.playwright, executable, folder, LAUNCH_SECONDS)
            cdp = await browser.new_browser_cdp_session()
            driver.processes.members()  # remembered, in case they outlive the driver
            return cls(driver, browser, cdp)
        except BaseException as error:
            await driver.end(is_gentle=False)
            if isinstance(error, OSError | PlaywrightError):
                raise BrowserCrashed(f"Chromium did not start: {first_line(error)}") from error
            raise

    @property
    def takes_lookups(self) -> bool:
        return not self.is_lost and not self.is_retired

    @asynccontextmanager
    async def tab(self) -> AsyncIterator[Tab]:
        """Open a page, and close it at the end; if closing hangs, the browser is killed.

        Raises BrowserCrashed if no page can be opened.
        """
        self.lookups += 1
        self.users += 1
        try:
            tab = await self._opened()
            try:
                yield tab
            finally:
                self._tabs.discard(tab)
                await self._close_tab(tab)
        finally:
            self.users -= 1

    async def is_answering(self) -> bool:
        """True if the browser returns its version within REPLY_SECONDS; otherwise it is lost."""
        if not self.is_lost:
            asking = asyncio.ensure_future(self._cdp.send("Browser.getVersion"))
            with contextlib.suppress(BrowserCrashed):  # it is lost from then on
                await self._bounded(asking, REPLY_SECONDS, "return its version")
        return not self.is_lost

    async def close(self) -> None:
        """End the browser, gently if possible; leave no process and no file of it."""
        self.is_retired = True
        is_gentle = False
        if not self.is_lost:
            closing = asyncio.ensure_future(self._browser.close())
            with contextlib.suppress(BrowserCrashed):  # it is killed then
                await self._bounded(closing, CLOSE_SECONDS, "close")
                is_gentle = True
        await self.kill(is_gentle=is_gentle)

    async def kill(self, *, is_gentle: bool = False) -> None:
        """Kill the browser. A second call waits for the first."""
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._driver.end(is_gentle=is_gentle))
            self._lose("it is to end")
        await asyncio.shield(self._ending)

    def _lose(self, reason: str) -> None:
        """Mark the browser and its tabs as lost, and call `on_lost`. Done once."""
        if self.is_lost:
            return
        self.is_lost = True
        if not self.is_retired:
            logger.warning("A browser is given up: %s.", reason)
        for tab in self._tabs:
            tab.lose()
        self.on_lost(self)

    async def _opened(self) -> Tab:
        opening = asyncio.ensure_future(self._open())
        try:
            tab = await self._bounded(opening, OPEN_SECONDS, "open a page")
        except asyncio.CancelledError:
            opening.add_done_callback(self._close_unwanted)
            raise
        self._tabs.add(tab)
        if self.is_lost:
            tab.lose()
        return tab

    async def _open(self) -> Tab:
        context = await self._browser.new_context(**chromium.CONTEXT)
        return Tab(self, context, await context.new_page())

    async def _close_tab(self, tab: Tab) -> None:
        if self.is_lost:
            return
        closing = asyncio.ensure_future(tab.context.close())
        with contextlib.suppress(BrowserCrashed):  # it is lost from then on
            await self._bounded(closing, CLOSE_SECONDS, "close a page")

    def _close_unwanted(self, opening: "asyncio.Future[Tab]") -> None:
        """Close a page that opened after its lookup was cancelled."""
        if not opening.cancelled() and opening.exception() is None:
            ignore_outcome(asyncio.ensure_future(self._close_tab(opening.result())))

    async def _bounded(self, call: "asyncio.Future[Answer]", seconds: float, what: str) -> Answer:
        """Return the call's result; if it fails or takes too long, the browser is lost.

        If the caller is cancelled, the call goes on, so that nothing half-made is left.
        """
        ignore_outcome(call)
        done, _ = await asyncio.wait({call}, timeout=seconds)
        problem = f"did not {what} within {seconds:g} s"
        if done:
            try:
                return call.result()
            except PlaywrightError as error:
                problem = f"could not {what} ({first_line(error)})"
        drop(call)
        self._lose(f"it {problem}")
        raise BrowserCrashed(f"The browser {problem}.")
