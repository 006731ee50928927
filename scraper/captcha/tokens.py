"""The tokens of one session: bought, used and reported, or kept for the next lookup."""

import asyncio
from collections.abc import Callable

from scraper.background import first_of
from scraper.captcha.solver import Captcha, CaptchaSolver, Solved
from scraper.captcha.spares import Purchase, SpareTokens
from scraper.errors import BrowserCrashed, CaptchaFailed

REPORT_SECONDS = 2.0
"""Limit for running reports at the end of a session."""


class Tokens:
    """Gets each lookup a token, a spare one before a new one. For one event loop."""

    def __init__(self, solver: CaptchaSolver, within_seconds: float) -> None:
        self._solver = solver
        self._within_seconds = within_seconds
        self._spares = SpareTokens()
        self._purchases: set[asyncio.Task[Solved]] = set()
        self._reports: set[asyncio.Task[None]] = set()

    async def obtain(
        self, captcha: Captcha, lost: "asyncio.Future[None]", on_paid: Callable[[], None]
    ) -> Purchase:
        """Return a purchase whose token is there. If you do not use it, give it back.

        Raises what the solver raises, CaptchaFailed when time is up, and BrowserCrashed as soon
        as `lost` is done. Solving goes on then, as when the caller is cancelled: it is paid.
        """
        clock = asyncio.get_running_loop().time
        ends_at = clock() + self._within_seconds
        while spare := self._spares.take(captcha):
            try:
                return await self._awaited(spare, lost, ends_at - clock())
            except CaptchaFailed:
                continue
        seconds = ends_at - clock()
        return await self._awaited(self._buy(captcha, seconds, on_paid), lost, seconds)

    def give_back(self, purchase: Purchase) -> None:
        """Keep an unused token for the next lookup."""
        self._spares.keep(purchase)

    def report(self, purchase: Purchase, *, is_good: bool) -> None:
        """Tell the service, in the background, whether the page accepted the token."""
        captcha_id = purchase.task.result().captcha_id
        work = self._solver.report(captcha_id, is_good=is_good)
        report = asyncio.get_running_loop().create_task(work)
        self._reports.add(report)
        report.add_done_callback(self._reports.discard)

    async def close(self) -> None:
        """Cancel what is being solved, and wait REPORT_SECONDS for reports to arrive."""
        for purchase in self._purchases:
            purchase.cancel()
        if self._reports:
            await asyncio.wait(self._reports, timeout=REPORT_SECONDS)
        self._solver.close()

    def _buy(self, captcha: Captcha, seconds: float, on_paid: Callable[[], None]) -> Purchase:
        solving = self._solver.solve(captcha, seconds, on_paid)
        purchase = Purchase(captcha, solving)
        self._purchases.add(purchase.task)
        purchase.task.add_done_callback(self._purchases.discard)
        return purchase

    async def _awaited(
        self, purchase: Purchase, lost: "asyncio.Future[None]", seconds: float
    ) -> Purchase:
        try:
            await first_of(purchase.task, lost, within=seconds)
        except asyncio.CancelledError:
            self.give_back(purchase)
            raise
        if purchase.task.done():
            purchase.task.result()
            return purchase
        if lost.done():
            self.give_back(purchase)
            raise BrowserCrashed("The browser was lost while the captcha was being solved.")
        raise CaptchaFailed("The captcha service had no token in time.")
