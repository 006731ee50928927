"""Captchas that were paid for and not used: kept when their lookup crashes or is cancelled."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from scraper.captcha.solver import Captcha, Solved

USABLE_SECONDS = 100.0
"""Greatest age of a token that is put into a page: it lives 120 s, and the answer takes a while."""


class Purchase:
    """A captcha being solved, or its token: `task` outlives the lookup that began it."""

    def __init__(
        self,
        captcha: Captcha,
        solving: Coroutine[Any, Any, Solved],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.captcha = captcha
        self._clock = clock
        self._token_born_at: float | None = None
        self.task = asyncio.get_running_loop().create_task(solving)
        self.task.add_done_callback(self._note)

    @property
    def is_worthless(self) -> bool:
        """True if it failed, or its token is too old."""
        if not self.task.done():
            return False
        born_at = self._token_born_at
        return born_at is None or self._clock() - born_at >= USABLE_SECONDS

    def _note(self, task: "asyncio.Task[Solved]") -> None:
        # Reading the exception keeps asyncio from logging it if nobody awaits the task.
        if not task.cancelled() and task.exception() is None:
            self._token_born_at = self._clock()


class SpareTokens:
    """Purchases without a lookup. Each is handed out once."""

    def __init__(self) -> None:
        self._purchases: list[Purchase] = []

    def keep(self, purchase: Purchase) -> None:
        """Keep a purchase whose token was not put into a page."""
        self._purchases.append(purchase)

    def take(self, captcha: Captcha) -> Purchase | None:
        """Return a purchase for `captcha`, one whose token is there before others; None without."""
        self._purchases = [spare for spare in self._purchases if not spare.is_worthless]
        fitting = [spare for spare in self._purchases if spare.captcha == captcha]
        if not fitting:
            return None
        chosen = next((spare for spare in fitting if spare.task.done()), fitting[0])
        self._purchases.remove(chosen)
        return chosen
