"""The real scraper without its browser: it answers at once.

The thread, its event loop, the futures, the turns at the gate and the stages are the product's.
"""

import asyncio
import time
from functools import partial

from benchmarks.contenders import journal
from benchmarks.contenders.journal import Event
from scraper.captcha import Budget
from scraper.config import ScraperConfig
from scraper.registraduria import RegistraduriaScraper
from scraper.results import Found, Lookup
from scraper.session.lookup import LookupRun
from scraper.session.thread import Session
from scraper.turn import LookupFuture, Stage, Turn


class BrowserlessRun(LookupRun):
    """Waits for its turn, reports a visit, and does the job instead of it."""

    async def run(self) -> Lookup:
        job = int(self._cedula)
        if self._turn is not None:
            await asyncio.sleep(self._turn.opens_at - time.monotonic())
        self._future.enter(Stage.OPENING)
        journal.write(Event.BEGAN, job)
        self._note_visit()
        await asyncio.sleep(journal.seconds_of(job))
        self._future.enter(Stage.READING)
        journal.write(Event.ENDED, job)
        return Found("ANTIOQUIA", "MEDELLIN", "IE LA ESPERANZA", "CALLE 45 # 23-12", "7")


class BrowserlessSession(Session):
    """Runs lookups without a browser."""

    def _begin(self, cedula: str, turn: Turn | None, future: LookupFuture) -> None:
        task = self._loop.create_task(BrowserlessRun(self._tools, cedula, turn, future).run())
        self._lookups[future] = task
        task.add_done_callback(partial(self._end, future))

    def _begin_warm_up(self) -> None:
        """Do nothing: there is no browser."""


class BrowserlessScraper(RegistraduriaScraper):
    """The dispatcher's scraper in `ours_settings`."""

    def __init__(self, config: ScraperConfig | None = None, budget: Budget | None = None) -> None:
        super().__init__(config, budget)
        self._session_of_pid = BrowserlessSession(self.config, self._budget)
