"""Playwright's driver: the process between us and Chromium, and the parent of it."""

import asyncio
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Playwright, async_playwright

from scraper.background import drop
from scraper.browser.failures import first_line
from scraper.browser.processes import ProcessTree, children_using, kill_children_using
from scraper.browser.workspace import as_temporary_directory
from scraper.errors import BrowserCrashed

START_SECONDS = 30.0
END_SECONDS = 3.0
"""To end by itself before it is killed, and to be gone after that."""

_starting = threading.Lock()
"""A driver reads its temporary directory from the environment, which is the whole process's."""


class Driver:
    """A running driver. Made by `start`."""

    def __init__(self, playwright: Playwright, process: psutil.Process, folder: Path) -> None:
        self.playwright = playwright
        self.processes = ProcessTree(process)
        self._folder = folder
        self._descriptor: int | None = None

    @classmethod
    async def start(cls, folder: Path) -> "Driver":
        """A driver whose temporary directory is `folder`, which is made. Raises BrowserCrashed."""
        # Another scraper's thread may hold the lock; waiting for it would stop our whole loop.
        while not _starting.acquire(blocking=False):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        try:
            with as_temporary_directory(folder):
                playwright = await _started(folder)
            return cls(playwright, _driver_with(folder), folder)
        except (OSError, PlaywrightError) as error:  # a TimeoutError is an OSError
            reason = first_line(error) or "not in time"
            raise BrowserCrashed(f"The browser's driver did not start: {reason}") from error
        finally:
            _starting.release()

    def watch(self, on_end: Callable[[], None]) -> None:
        """Have `on_end` called when the process ends.

        Only Linux tells; elsewhere the next call to the driver finds out.
        """
        if hasattr(os, "pidfd_open"):
            self._descriptor = os.pidfd_open(self.processes.root.pid)
            asyncio.get_running_loop().add_reader(self._descriptor, self._report_end, on_end)

    async def end(self, *, is_gentle: bool) -> None:
        """End the driver, everything that it started, and its files.

        It may end by itself where `is_gentle`; with a Chromium that hangs it never would.
        """
        self._stop_watching()
        # Told to stop in any case: its reader here then takes the end of its output for no error.
        stopping = asyncio.ensure_future(self.playwright.stop())
        await asyncio.wait({stopping}, timeout=END_SECONDS if is_gentle else 0)
        # Not in other threads: there are none to be had when Python itself is ending.
        self.processes.kill()
        await asyncio.wait({stopping}, timeout=END_SECONDS)
        drop(stopping)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _report_end(self, on_end: Callable[[], None]) -> None:
        self._stop_watching()
        on_end()

    def _stop_watching(self) -> None:
        if self._descriptor is not None:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None


async def _started(folder: Path) -> Playwright:
    starting = asyncio.ensure_future(async_playwright().start())
    try:
        async with asyncio.timeout(START_SECONDS):
            return await asyncio.shield(starting)
    except BaseException:
        # Killed if it is there already, and stopped where it still came: it must not be left, nor
        # what asyncio keeps of it.
        kill_children_using(folder)
        await asyncio.wait({starting}, timeout=END_SECONDS)
        if starting.done() and not starting.cancelled() and starting.exception() is None:
            await starting.result().stop()
        drop(starting)
        raise


def _driver_with(folder: Path) -> psutil.Process:
    drivers = children_using(folder)
    if not drivers:
        raise BrowserCrashed("The browser's driver has ended at once.")
    return drivers[0]
