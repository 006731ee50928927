"""A thread with an event loop, on which all lookups of one scraper run.

Django refuses database calls in a thread with a running event loop, and Playwright needs one: so
Playwright gets its own thread, and nothing here touches the database.
"""

import asyncio
import atexit
import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import InvalidStateError
from functools import partial
from typing import Any

from scraper.background import ignore_outcome
from scraper.browser.pool import Browsers
from scraper.captcha import Budget, Tokens, solver_for
from scraper.config import ScraperConfig
from scraper.errors import BrowserCrashed, LookupCancelled, ScraperError
from scraper.results import Lookup
from scraper.session.lookup import LookupRun, Tools, report_unexpected
from scraper.turn import LookupFuture, Turn

logger = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
AFTER_KILLING_SECONDS = 3.0
"""Time for the thread to notice that the browser was killed, and to end."""

DRIVER_HAS_ENDED = "Connection closed while reading from the driver"
"""Message of the error that Playwright leaves in a future that nobody reads."""

CALLED_OFF = "The lookup was called off."
CLOSING = "The scraper is closing."


class Session:
    """Runs lookups until it is closed. Call its methods from any thread but its own.

    The thread starts with the first call, so that the process may fork before that.
    """

    def __init__(self, config: ScraperConfig, budget: Budget) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._is_closing = False
        self._beat_at: float | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop
        self._futures: set[LookupFuture] = set()
        self._lookups: dict[LookupFuture, asyncio.Task[Lookup]] = {}
        self._stop = asyncio.Event()
        solver = solver_for(config.solver, config.concurrency, budget)
        self._tools = Tools(
            config,
            Browsers(config),
            Tokens(solver, config.solver_timeout_seconds),
            unpaced=asyncio.Semaphore(config.concurrency),
        )

    def submit(
        self, cedula: str, turn: Turn | None, on_visited: Callable[[], None]
    ) -> LookupFuture:
        """Begin a lookup; see RegistraduriaScraper."""
        future = LookupFuture(on_visited)
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)
        if not self._call_on_loop(self._begin, cedula, turn, future):
            self._settle(future, LookupCancelled(CLOSING))
        return future

    def warm_up(self) -> None:
        """Start a browser if none runs; return at once."""
        self._call_on_loop(self._begin_warm_up)

    def cancel(self, future: LookupFuture) -> None:
        """Cancel a lookup; does nothing if it has ended."""
        if not future.done():
            self._call_on_loop(self._cancel, future)

    def ran_at(self) -> float:
        """See RegistraduriaScraper."""
        return time.monotonic() if self._beat_at is None else self._beat_at

    def close(self, timeout: float = 10.0) -> None:
        """Cancel all lookups and end the browser; kill what is left after `timeout` seconds."""
        if self._pid != os.getpid():
            return  # in a fork: its threads and processes are the parent's
        with self._lock:
            is_first, self._is_closing = not self._is_closing, True
            if self._thread is None:
                return
            if is_first:
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout)
        if is_first:
            atexit.unregister(self.close)
            self._finish_closing(timeout)

    def _finish_closing(self, timeout: float) -> None:
        if self._thread is not None and self._thread.is_alive():
            logger.error("No end within %g s: the scraper's processes are killed.", timeout)
            self._tools.browsers.kill_processes()
            self._thread.join(AFTER_KILLING_SECONDS)
        for future in list(self._futures):
            self._settle(future, LookupCancelled(CLOSING))

    def _call_on_loop(self, do: Callable[..., None], *values: object) -> bool:
        """Call `do` on the event loop, started if needed; False if the session is closing."""
        with self._lock:
            if self._is_closing:
                return False
            if self._thread is None:
                self._start()
            self._loop.call_soon_threadsafe(do, *values)
            return True

    def _start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_report_loop_error)
        # A daemon, so that a program which forgets `close` can end; atexit then calls it.
        self._thread = threading.Thread(target=self._run, name="scraper", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    # --- On the session's own thread -------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._main())
        except Exception as error:  # noqa: BLE001  logged; no process may be left running
            report_unexpected(error)
            self._tools.browsers.kill_processes()
        finally:
            self._loop.close()

    def _beat(self) -> None:
        self._beat_at = time.monotonic()
        self._loop.call_later(BEAT_SECONDS, self._beat)

    async def _main(self) -> None:
        self._beat()
        await self._stop.wait()
        for lookup in self._lookups.values():
            lookup.cancel()
        if self._lookups:
            await asyncio.wait(self._lookups.values())
        await asyncio.gather(self._tools.tokens.close(), self._tools.browsers.close())
        # The tasks left over are calls to a browser that is gone.
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._loop.shutdown_default_executor()

    def _begin(self, cedula: str, turn: Turn | None, future: LookupFuture) -> None:
        run = LookupRun(self._tools, cedula, turn, future)
        task = self._loop.create_task(run.run())
        self._lookups[future] = task
        task.add_done_callback(partial(self._end, future))

    def _end(self, future: LookupFuture, task: "asyncio.Task[Lookup]") -> None:
        del self._lookups[future]
        if task.cancelled():
            self._settle(future, LookupCancelled(CALLED_OFF))
        elif error := task.exception():
            if not isinstance(error, ScraperError):
                report_unexpected(error)
                error = BrowserCrashed(f"The scraper failed ({type(error).__name__}).")
            self._settle(future, error)
        else:
            self._settle(future, task.result())

    def _cancel(self, future: LookupFuture) -> None:
        if task := self._lookups.get(future):
            task.cancel()

    def _begin_warm_up(self) -> None:
        # The pool logs a failure, and raises it for the lookup that asks for a page.
        ignore_outcome(self._loop.create_task(self._tools.browsers.current()))

    @staticmethod
    def _settle(future: LookupFuture, outcome: Lookup | ScraperError) -> None:
        try:
            if isinstance(outcome, ScraperError):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
        except InvalidStateError:
            logger.debug("A lookup had ended already.")


def _report_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log the error of a task that nobody awaited, without what was typed into a page."""
    error = context.get("exception")
    if error is None:
        loop.default_exception_handler(context)
    elif str(error) == DRIVER_HAS_ENDED:
        logger.debug("%s.", error)  # its lookups have failed with BrowserCrashed already
    else:
        report_unexpected(error)
