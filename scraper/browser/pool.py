"""The browser in use, and the retired ones that still have lookups to finish."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from contextvars import Context
from typing import Any, TypeVar

from scraper.browser.processes import kill_children_using
from scraper.browser.running import RunningBrowser, Tab
from scraper.browser.workspace import Workspace
from scraper.config import ScraperConfig
from scraper.errors import BrowserCrashed, BrowserUnavailable

logger = logging.getLogger(__name__)

LEAST_ROOM_MIB = 32.0
"""Least free space on the disk of temporary files to begin a lookup. Eight lookups took 1.2 MiB; on
a full disk pages do not load, which would be blamed on the site."""
Result = TypeVar("Result")


class Browsers:
    """Hands out pages of one browser, which starts with the first.

    The browser is replaced when it is lost, has served enough lookups, or uses too much memory.
    """

    def __init__(self, config: ScraperConfig) -> None:
        self._config = config
        self._workspace: Workspace | None = None
        self._started = 0
        self._current: RunningBrowser | None = None
        self._starting: asyncio.Task[RunningBrowser] | None = None
        self._running: set[RunningBrowser] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_checking_memory = False

    @asynccontextmanager
    async def tab(self) -> AsyncIterator[Tab]:
        """Open a fresh page in the current browser. Raises BrowserCrashed, BrowserUnavailable."""
        browser = await self.current()
        try:
            async with browser.tab() as tab:
                yield tab
        finally:
            self._after_use(browser)

    async def current(self) -> RunningBrowser:
        """The browser for new lookups, started if needed. Raises BrowserUnavailable."""
        if self._current is not None:
            self._require_room()
            self._retire_if_worn(self._current)
            if self._current.takes_lookups:
                return self._current
        if self._starting is None:
            self._starting = self._task(self._start())
            self._starting.add_done_callback(self._note_started)
        # Shielded: a lookup cancelled meanwhile must not stop the start for the others.
        return await asyncio.shield(self._starting)

    async def close(self) -> None:
        """End all browsers, one that is starting included."""
        if (starting := self._starting) is not None:
            starting.cancel()
            await asyncio.wait({starting})
        await asyncio.gather(*(browser.close() for browser in self._running))
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._workspace is not None:
            self._workspace.remove()

    def kill_processes(self) -> None:
        """Kill every process at once, from any thread; a `close` that hangs then goes on."""
        for browser in list(self._running):
            browser.processes.kill()
        if self._workspace is not None:
            kill_children_using(self._workspace.path)

    async def _start(self) -> RunningBrowser:
        try:
            if self._workspace is None:
                self._workspace = await asyncio.to_thread(Workspace.create)
        except OSError as error:
            raise BrowserUnavailable(f"No directory for the browser: {error}") from error
        self._require_room()
        self._started += 1
        folder = self._workspace.path / str(self._started)
        try:
            browser = await RunningBrowser.start(self._config.chromium_path, folder)
        except BrowserCrashed as error:
            raise BrowserUnavailable(str(error)) from error
        browser.on_lost = self._remove_lost
        self._running.add(browser)
        self._current = browser
        if browser.is_lost:  # it was lost before `on_lost` was set
            self._remove_lost(browser)
        return browser

    def _require_room(self) -> None:
        """Raise BrowserUnavailable if less than LEAST_ROOM_MIB of disk is left."""
        if self._workspace is not None and (room := self._workspace.room_mib) < LEAST_ROOM_MIB:
            raise BrowserUnavailable(
                f"No room for the browser's files: {room:.1f} MiB are left in"
                f" {self._workspace.path.parent}, and it needs {LEAST_ROOM_MIB:.0f}."
            )

    def _note_started(self, task: "asyncio.Task[RunningBrowser]") -> None:
        self._starting = None
        if not task.cancelled() and (error := task.exception()):
            logger.error("There is no browser: %s", error)

    def _remove_lost(self, browser: RunningBrowser) -> None:
        self._in_background(self._remove(browser, browser.kill()))

    def _retire_if_worn(self, browser: RunningBrowser) -> None:
        if browser.lookups >= self._config.lookups_per_browser:
            browser.is_retired = True

    def _after_use(self, browser: RunningBrowser) -> None:
        self._retire_if_worn(browser)
        if browser.is_lost:
            return
        if not browser.is_retired:
            self._in_background(self._check_memory(browser))
        elif browser.users == 0:
            self._in_background(self._remove(browser, browser.close()))

    async def _check_memory(self, browser: RunningBrowser) -> None:
        if self._is_checking_memory or len(self._running) > 1:
            return  # while an old browser still finishes, a third one would take more memory
        self._is_checking_memory = True
        try:
            held = await asyncio.to_thread(browser.processes.memory_mib)
        finally:
            self._is_checking_memory = False
        if held > self._config.browser_memory_mib:
            logger.info("A browser is replaced: it holds %.0f MiB.", held)
            browser.is_retired = True
            self._after_use(browser)

    async def _remove(self, browser: RunningBrowser, ending: Coroutine[Any, Any, None]) -> None:
        await ending
        self._running.discard(browser)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    def _task(work: Coroutine[Any, Any, Result]) -> "asyncio.Task[Result]":
        """Create a task outside the context of the lookup that begins it, the log's included."""
        return asyncio.get_running_loop().create_task(work, context=Context())
