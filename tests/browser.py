"""A real Chromium for tests, driven from its own thread.

Playwright's sync API leaves an event loop running in its thread, and Django refuses database calls
in such a thread: so it must not be the test's thread.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    ViewportSize,
    sync_playwright,
)

from scraper.browser.chromium import FLAGS, executable

Answer = TypeVar("Answer")

PHONE: ViewportSize = {"width": 390, "height": 844}

ACTION_SECONDS = 30
"""Seconds that a page has for anything a test waits for."""


def launch(playwright: Playwright) -> Browser:
    """Start the Chromium that the scraper would use, without its disguise."""
    return playwright.chromium.launch(executable_path=_chromium(playwright), args=_flags())


def launch_for_one(playwright: Playwright, profile: Path) -> BrowserContext:
    """The same with a profile in a folder, as a person's; other contexts are private windows."""
    return playwright.chromium.launch_persistent_context(
        profile,
        executable_path=_chromium(playwright),
        args=_flags(),
        locale="es-CO",
        viewport=PHONE,
    )


def _chromium(playwright: Playwright) -> str | None:
    return executable(os.environ.get("CHROMIUM_PATH", ""), playwright.chromium.executable_path)


def _flags() -> list[str]:
    is_root = os.geteuid() == 0
    return [*FLAGS, *(["--no-sandbox"] if is_root else [])]


class BrowserThread:
    """One Chromium with the only thread that uses it. A context manager."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="browser")
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def __enter__(self) -> Self:
        try:
            self._thread.submit(self._launch).result()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def visit(
        self, url: str, work: Callable[[Page], Answer], *, expected_error: str | None = None
    ) -> Answer:
        """Load `url` in a fresh context; return what `work` returns for the page.

        Raises AssertionError if a script of the page failed, or wrote an error to the console that
        does not contain `expected_error`.
        """
        return self._thread.submit(self._visit, url, work, expected_error).result()

    def _launch(self) -> None:
        self._playwright = sync_playwright().start()
        self._browser = launch(self._playwright)

    def _visit(self, url: str, work: Callable[[Page], Answer], expected: str | None) -> Answer:
        assert self._browser is not None
        with self._browser.new_context(locale="es-CO", viewport=PHONE) as context:
            page = context.new_page()
            page.set_default_timeout(ACTION_SECONDS * 1000)
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on(
                "console",
                lambda line: errors.append(line.text) if line.type == "error" else None,
            )
            page.goto(url)
            answer = work(page)
        errors = [error for error in errors if expected is None or expected not in error]
        assert not errors, errors
        return answer

    def _close(self) -> None:
        if self._browser is not None:
            self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()
