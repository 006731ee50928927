"""The rate limit for lookups that come without a turn: one queue for all scrapers of a process."""

import asyncio
import threading
import time
from collections import deque
from math import inf

MARGIN_SECONDS = 0.01
"""Added to the interval: a request may reach the site a little after it was sent."""


class Pacer:
    """Lets one visit begin at a time, the interval after the last one was made.

    Every `acquire` needs a `release`, which says when the site was visited. First come, first
    served. Usable from many event loops in many threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_taken = False
        self._last_visit = -inf

    async def acquire(self, interval: float) -> None:
        """Return when a visit may begin, `interval` seconds or more after the last."""
        await self._queue_up()
        try:
            await asyncio.sleep(self._last_visit + interval + MARGIN_SECONDS - time.monotonic())
        except asyncio.CancelledError:
            self.release(None)
            raise

    def release(self, visited_at: float | None) -> None:
        """Admit the next in the queue. `visited_at`: monotonic clock; None: no visit was made."""
        with self._lock:
            if visited_at is not None:
                self._last_visit = max(self._last_visit, visited_at)
            self._is_taken = False
            self._admit_first()

    def opens_at(self, interval: float) -> float:
        """Return the earliest moment for the next visit, on the monotonic clock.

        Turns must keep it as well: they go by the gate's clock, which may be set forward between
        two of them.
        """
        with self._lock:
            return self._last_visit + interval

    def note_visit(self, visited_at: float) -> None:
        """Keep the interval after a visit with a turn, too. `visited_at`: monotonic clock."""
        with self._lock:
            self._last_visit = max(self._last_visit, visited_at)

    async def _queue_up(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiting.append(waiter)
            self._admit_first()
        try:
            await waiter
        except asyncio.CancelledError:
            self._leave(waiter)
            raise

    def _admit_first(self) -> None:
        """Call with the lock held."""
        while self._waiting and not self._is_taken:
            waiter = self._waiting.popleft()
            try:
                waiter.get_loop().call_soon_threadsafe(_wake, waiter)
            except RuntimeError:  # its event loop is closed: nobody waits any more
                continue
            self._is_taken = True

    def _leave(self, waiter: "asyncio.Future[None]") -> None:
        with self._lock:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
                return
        self.release(None)  # it was admitted already: pass its turn on


def _wake(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
