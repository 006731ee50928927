"""Permissions to buy captchas: the scraper's thread asks, the dispatcher's uses the database.

The scraper requests a permission, waits for it, and reports whether it was used; the dispatcher
answers and counts in each of its rounds. Requests made while the database fails are answered when
it is back.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import date

from django.conf import settings

from scraper.captcha import Permit
from scraper.errors import SolverLimitReached
from scraper.gate import captcha_budget
from scraper.gate.visits import Gate

logger = logging.getLogger(__name__)

Answer = asyncio.Future[Permit | None]


class CaptchaPermits:
    """A Budget (see scraper.captcha) for the scraper; `serve` is the dispatcher's side of it."""

    def __init__(self, gate: Gate) -> None:
        self.wake: Callable[[], object] = lambda: None
        """Set by the dispatcher; called on the scraper's thread if there is something to serve."""
        self._gate = gate
        self._asked: deque[Answer] = deque()
        self._bought: deque[date] = deque()
        self._unused: deque[date] = deque()

    # --- On the scraper's thread ----------------------------------------------------------------

    async def take(self) -> Permit:
        answer: Answer = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        self.wake()
        permit = await answer
        if permit is None:
            raise SolverLimitReached("As many captchas were bought today as CAPTCHA_DAILY_LIMIT.")
        return permit

    def note_bought(self, permit: Permit) -> None:
        self._bought.append(permit.day)
        self.wake()

    def give_back(self, permit: Permit) -> None:
        self._unused.append(permit.day)
        self.wake()

    # --- On the dispatcher's thread -------------------------------------------------------------

    def serve(self) -> None:
        """Count reported purchases and answer requests. After a DatabaseError call it again."""
        while self._bought:
            captcha_budget.note_bought(self._bought[0])
            self._bought.popleft()
        while self._unused:
            captcha_budget.give_back(self._unused[0])
            self._unused.popleft()
            self._gate.forget_spent_budget()
        while self._asked:
            permit = self._permit()
            self._tell(self._asked.popleft(), permit)

    def is_spent(self) -> bool:
        """True if today's captchas are all bought; then it pauses all lookups until tomorrow."""
        if settings.CAPTCHA_SOLVER == "none" or not settings.CAPTCHA_DAILY_LIMIT:
            return False
        day = captcha_budget.today()
        if not captcha_budget.is_spent(day, settings.CAPTCHA_DAILY_LIMIT):
            return False
        self._pause_until_after(day)
        return True

    def _permit(self) -> Permit | None:
        day = captcha_budget.today()
        if captcha_budget.take(day, settings.CAPTCHA_DAILY_LIMIT):
            return Permit(day)
        self._pause_until_after(day)
        return None

    def _pause_until_after(self, day: date) -> None:
        until = captcha_budget.next_day_begins(day)
        if self._gate.record_spent_budget(until):
            logger.error(
                "CAPTCHA_DAILY_LIMIT is reached: %s captchas on %s. No visits before %s.",
                settings.CAPTCHA_DAILY_LIMIT,
                day,
                until,
            )

    def _tell(self, answer: Answer, permit: Permit | None) -> None:
        try:
            answer.get_loop().call_soon_threadsafe(self._settle, answer, permit)
        except RuntimeError:  # its loop is closed, so nothing is bought there any more
            self._return(permit)

    def _settle(self, answer: Answer, permit: Permit | None) -> None:
        if answer.done():  # the lookup that asked was cancelled meanwhile
            self._return(permit)
        else:
            answer.set_result(permit)

    def _return(self, permit: Permit | None) -> None:
        if permit is not None:
            self.give_back(permit)
