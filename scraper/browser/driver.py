"""Playwright's driver: the process that controls Chromium, and its parent process."""

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
"""Limit for the driver to stop before it is killed, and again to be gone after that."""

_starting = threading.Lock()
"""One start at a time: a driver takes its temporary directory from the process's environment."""


class Driver:
    """A running driver. Made by `start`."""

    def __init__(self, playwright: Playwright, process: psutil.Process, folder: Path) -> None:
        self.playwright = playwright
        self.processes = ProcessTree(process)
        self._folder = folder
        self._descriptor: int | None = None

    @classmethod
    async def start(cls, folder: Path) -> "Driver":
        """Start a driver and make `folder` its temporary directory. Raises BrowserCrashed."""
        # Another scraper's thread may hold the lock; blocking on it would stop our event loop.
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
        """Call `on_end` when the process ends. Linux only: elsewhere the next call to it fails."""
        if hasattr(os, "pidfd_open"):
            self._descriptor = os.pidfd_open(self.processes.root.pid)
            asyncio.get_running_loop().add_reader(self._descriptor, self._report_end, on_end)

    async def end(self, *, is_gentle: bool) -> None:
        """End the driver and everything that it started, and delete its files.

        If `is_gentle`, it may stop by itself first; with a Chromium that hangs it never would.
        """
        self._stop_watching()
        # Stop it in any case: Playwright's reader then takes the end of its output for no error.
        stopping = asyncio.ensure_future(self.playwright.stop())
        await asyncio.wait({stopping}, timeout=END_SECONDS if is_gentle else 0)
        # Not in another thread: none can be started while Python itself is exiting.
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
        # Kill the driver if its process runs, and stop it if it still started: neither the process
        # nor asyncio's transport of it may be left.
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
