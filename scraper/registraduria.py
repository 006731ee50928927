"""Ask the Registraduría where a cédula votes."""

import os
from collections.abc import Callable
from typing import Self

from scraper.captcha import Budget, UnlimitedBudget
from scraper.config import ScraperConfig
from scraper.from_settings import config_from_settings
from scraper.results import Lookup
from scraper.session.thread import Session
from scraper.turn import LookupFuture, Turn, do_nothing


class RegistraduriaScraper:
    """Looks cédulas up on the census page, several at a time, with one browser.

    The browser and its thread start with the first lookup, in the process that asks for it; a
    process that is forked afterwards gets its own. Safe to use from several threads. Close it, or
    use it as a context manager.
    """

    def __init__(self, config: ScraperConfig | None = None, budget: Budget | None = None) -> None:
        """`config` defaults to Django's settings as they are now.

        `budget` is asked before each captcha is bought; by default there is no limit.
        """
        self.config = config_from_settings() if config is None else config
        self._budget = budget or UnlimitedBudget()
        self._pid = os.getpid()
        self._session_of_pid = Session(self.config, self._budget)

    def submit(
        self,
        cedula: str,
        turn: Turn | None = None,
        on_visited: Callable[[], None] = do_nothing,
    ) -> LookupFuture:
        """Begin to look a cédula up, and return at once.

        The site is visited within `turn`; without one, as soon as the interval since the last visit
        of this process is over. `on_visited` is called on another thread when the site has been
        visited, and must not block. The future ends with the answer or a ScraperError; after
        `close`, with LookupCancelled.
        """
        return self._session().submit(cedula, turn, on_visited)

    def scrape_cedula(self, cedula: str) -> Lookup:
        """Look a cédula up and wait for the answer. Raises ScraperError."""
        future = self.submit(cedula)
        try:
            return future.result()
        finally:
            self.cancel(future)  # if the wait was interrupted, nobody wants the answer

    def warm_up(self) -> None:
        """Start the browser in the background, so that the first lookup need not wait for it."""
        self._session().warm_up()

    def cancel(self, future: LookupFuture) -> None:
        """Cancel a lookup: it ends with LookupCancelled, unless it has ended already."""
        self._session().cancel(future)

    def ran_at(self) -> float:
        """Return `time.monotonic()` when the event loop of the lookups ran last; now without one.

        It does not run while something on it blocks: then no timeout fires either.
        """
        return self._session().ran_at()

    def close(self, timeout: float = 10.0) -> None:
        """Cancel every lookup and end the browser; no process is left when this returns.

        Processes that do not end within `timeout` seconds are killed. A second call does nothing.
        """
        self._session().close(timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _session(self) -> Session:
        """Return this process's session: a forked process does not have its parent's threads."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._session_of_pid = Session(self.config, self._budget)
        return self._session_of_pid
