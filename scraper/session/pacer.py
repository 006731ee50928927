"""Turns for the lookups that come without one: every scraper of this process in one queue."""

import asyncio
import threading
import time
from collections import deque
from math import inf

MARGIN_SECONDS = 0.01
"""Added to the interval: a request may reach the site a little after it was sent."""


class Pacer:
    """Lets one visit begin at a time, the interval after the last one was made.

    Whoever `acquire`s must `release`, and says then when the site was visited. First come, first
    served. Used from many event loops in many threads.
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
        """Let the next one in. `visited_at` is on the monotonic clock; None: nobody was visited."""
        with self._lock:
            if visited_at is not None:
                self._last_visit = max(self._last_visit, visited_at)
            self._is_taken = False
            self._let_in_the_first()

    def opens_at(self, interval: float) -> float:
        """When the next visit may begin, on the monotonic clock, whatever a turn says.

        Turns go by the clock of the gate, which may be set forward between two of them.
        """
        with self._lock:
            return self._last_visit + interval

    def note(self, visited_at: float) -> None:
        """Keep the interval from a visit that had a turn of its own, too."""
        with self._lock:
            self._last_visit = max(self._last_visit, visited_at)

    async def _queue_up(self) -> None:
        place = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiting.append(place)
            self._let_in_the_first()
        try:
            await place
        except asyncio.CancelledError:
            self._leave(place)
            raise

    def _let_in_the_first(self) -> None:
        """Call with the lock held."""
        while self._waiting and not self._is_taken:
            place = self._waiting.popleft()
            try:
                place.get_loop().call_soon_threadsafe(_wake, place)
            except RuntimeError:  # its loop has ended: nobody waits there any more
                continue
            self._is_taken = True

    def _leave(self, place: "asyncio.Future[None]") -> None:
        with self._lock:
            if place in self._waiting:
                self._waiting.remove(place)
                return
        self.release(None)  # it had been let in and does not want to any more


def _wake(place: "asyncio.Future[None]") -> None:
    if not place.done():
        place.set_result(None)
