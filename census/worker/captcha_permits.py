"""Between the scraper's thread, which buys captchas, and the dispatcher's, which has the database.

The scraper asks, waits, and tells what became of a permission; the dispatcher answers and counts
in each of its rounds. What is asked while the database fails is answered when it is back.
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


def nobody_waits() -> None:
    """Until a dispatcher says how it is woken."""


class CaptchaPermits:
    """A Budget (see scraper.captcha) for the scraper; `serve` is the dispatcher's side of it."""

    def __init__(self, gate: Gate) -> None:
        self.wake: Callable[[], None] = nobody_waits
        """Called on the scraper's thread when there is something to serve."""
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

    # --- On the dispatcher's --------------------------------------------------------------------

    def serve(self) -> None:
        """Count what was told, and answer what was asked. Raises DatabaseError; call it again."""
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
        """Whether no captcha may be bought today any more; then everybody pauses until tomorrow."""
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
        except RuntimeError:  # its loop is closed: nobody buys anything there any more
            self._return(permit)

    def _settle(self, answer: Answer, permit: Permit | None) -> None:
        if answer.done():  # whoever asked was called off meanwhile
            self._return(permit)
        else:
            answer.set_result(permit)

    def _return(self, permit: Permit | None) -> None:
        if permit is not None:
            self.give_back(permit)
