"""Claim, gate, scrape, record: many lookups in flight, one visit per interval.

The dispatcher runs in a worker's main thread and does all the database work. The scraper runs on a
thread of its own and returns futures. Each round of the loop records the lookups that have ended,
reports visits to the gate, renews leases and starts the next lookup; between rounds it sleeps until
a future ends, a visit is made, or the next slot or renewal is near.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections

from accounts.logs import context
from census.lookups import lifecycle, log, sweep, workers
from census.lookups.lifecycle import Claim
from census.worker import pulse, recording
from census.worker.captcha_permits import CaptchaPermits
from census.worker.outage import Outage
from scraper.errors import BrowserUnavailable
from scraper.gate.visits import Gate, Paused, Slot, TooEarly
from scraper.registraduria import RegistraduriaScraper
from scraper.turn import LookupFuture, Turn

logger = logging.getLogger(__name__)

LEAD_SECONDS = 1.0
"""A lookup is claimed this long before its slot: time to prepare a page, even on a busy machine."""
ROUND_SECONDS = 0.2
"""The longest sleep between two rounds: a new registration or a stop is noticed this late. While
nothing is due, a round costs one query, and django-q2 polls for its own work as often."""
RENEW_SECONDS = 10.0
"""Time between two renewals of the leases, which last three times as long."""
CANCEL_SECONDS = 1.0
"""A lookup goes on at most this long after its person withdrew or left: the census must not be
asked about them any more, and a captcha's answer takes longer than this."""
SWEEP_SECONDS = 5.0
NO_BROWSER_SECONDS = 10.0
"""Wait after a browser could not be started here: meanwhile other hosts may have one."""
LINGER_SECONDS = 60.0
"""A worker's dispatcher keeps its browser this long when nothing is due: a cold start costs 1 s."""
DRAIN_SECONDS = 18.0
"""At a stop, lookups in flight get this long to end by themselves; all is over in 30 s."""
DATABASE_PATIENCE_SECONDS = 120.0
"""The dispatcher gives up after the database has failed this long."""


@dataclass(slots=True, eq=False)
class Flight:
    """A lookup in flight. `slot` is None once the gate knows whether it was used."""

    claim: Claim
    future: LookupFuture
    slot: Slot | None
    stages_noted: int = 0
    """Number of the future's stages that are in the attempt log."""


class Dispatcher:
    """Looks up due rows until none is left or everything is paused; then `run` returns.

    In a cluster's worker it first waits LINGER_SECONDS for more.
    """

    def __init__(
        self,
        scraper: RegistraduriaScraper,
        gate: Gate,
        permits: CaptchaPermits,
        *,
        concurrency: int,
        retry_delays: Sequence[float],
        worker: str,
    ) -> None:
        self.scraper = scraper
        self.gate = gate
        self.permits = permits
        self.concurrency = concurrency
        self.retry_delays = retry_delays
        self.worker = worker
        self.linger = LINGER_SECONDS if pulse.is_cluster_worker() else 0.0
        self.flights: list[Flight] = []
        self._wake = threading.Event()
        permits.wake = self._wake.set
        self._next_start = 0.0
        self._next_renewal = 0.0
        self._next_look = 0.0
        self._next_sweep = 0.0
        self._saw_due = True
        self._busy_at = time.monotonic()
        self._first_user_id: int | None = None
        self._outage = Outage(logger)

    def run(self, first_user_id: int | None = None) -> None:
        """Look up all due rows, that user's first."""
        self._first_user_id = first_user_id
        while not pulse.must_drain():
            pulse.beat(self.scraper.ran_at())
            if self._guarded_round() and not self._has_work():
                return
            self._sleep()
        self._drain()

    # --- One round ------------------------------------------------------------------------------

    def _guarded_round(self) -> bool:
        """Do a round; False if the database failed: what is in flight goes on all the same."""
        try:
            self._round()
        except (DatabaseError, InterfaceError) as error:
            self._outage.goes_on(error)
            if self._outage.seconds > DATABASE_PATIENCE_SECONDS:
                raise
            self._next_sweep = time.monotonic() + sweep.GRACE_SECONDS
            close_old_connections()
            return False
        self._outage.is_over()
        return True

    def _round(self) -> None:
        self.permits.serve()
        self._report_visits()
        self._report_stages()
        self._record_what_ended()
        now = time.monotonic()
        if self.flights and now >= self._next_renewal:
            self._cancel_all_but(lifecycle.renew(self._claims()))
            self._next_renewal = now + RENEW_SECONDS
        elif self.flights and now >= self._next_look:
            self._cancel_all_but(lifecycle.held(self._claims()))
            self._next_look = now + CANCEL_SECONDS
        if now >= self._next_sweep:  # after the renewal: our own leases may have run out
            sweep.take_back_lost_claims()
            sweep.call_off_what_came_back()
            self._next_sweep = now + SWEEP_SECONDS
        if now >= self._next_start and self._has_room():
            self._start_next()

    def _report_visits(self) -> None:
        for flight in self.flights:
            if flight.slot is not None and flight.future.visited_at is not None:
                self.gate.visited(flight.slot, time.monotonic() - flight.future.visited_at)
                flight.slot = None
                self._next_start = 0.0

    def _report_stages(self) -> None:
        """Log a lookup's new stages of this round in one write; its end writes the last ones."""
        for flight in self.flights:
            entered = flight.future.stages[flight.stages_noted :]
            if entered and not flight.future.done():
                lifecycle.note_stages(flight.claim, dict(entered))
                flight.stages_noted += len(entered)

    def _record_what_ended(self) -> None:
        for flight in [flight for flight in self.flights if flight.future.done()]:
            if flight.slot is not None and flight.future.visited_at is not None:
                continue  # visited since this round began: the gate must be told first
            if flight.slot is not None:
                self.gate.give_back(flight.slot)
                flight.slot = None
            with context.bound(log.ids_of(flight.claim)):
                recording.record(flight.claim, flight.future, self.gate, self.retry_delays)
            self.flights.remove(flight)
            has_browser = not isinstance(flight.future.exception(), BrowserUnavailable)
            self._next_start = 0.0 if has_browser else time.monotonic() + NO_BROWSER_SECONDS

    def _claims(self) -> list[Claim]:
        return [flight.claim for flight in self.flights]

    def _cancel_all_but(self, held: set[UUID]) -> None:
        for flight in self.flights:
            if flight.claim.token not in held:
                # Taken back, or its person withdrew: an answer could not be written.
                self.scraper.cancel(flight.future)

    def _has_room(self) -> bool:
        """True if a lookup may be prepared: capacity is free, and no slot of ours is unused."""
        return len(self.flights) < self.concurrency and all(
            flight.slot is None for flight in self.flights
        )

    def _start_next(self) -> None:
        # No visit if the captcha that the answer takes may not be bought.
        self._saw_due = lifecycle.is_anything_due() and not self.permits.is_spent()
        if not self._saw_due:
            self._next_start = time.monotonic() + ROUND_SECONDS
            return
        match self.gate.reserve(LEAD_SECONDS):
            case Slot() as slot:
                self._start(slot)
            case TooEarly(retry_in):
                self.scraper.warm_up()
                self._next_start = time.monotonic() + retry_in
            case Paused():
                self._saw_due = False  # nothing to do here until the pause ends
                self._next_start = time.monotonic() + ROUND_SECONDS

    def _start(self, slot: Slot) -> None:
        reserved_at = time.monotonic()
        try:
            claim = lifecycle.claim_next(self.worker, self._first_user_id)
        except (DatabaseError, InterfaceError):
            self.gate.give_back(slot)
            raise
        self._first_user_id = None
        if claim is None:
            self.gate.give_back(slot)
            return
        turn = Turn(reserved_at + slot.opens_in, reserved_at + slot.closes_in)
        # The scraper's thread inherits the log context that is bound here.
        with context.bound(log.ids_of(claim)):
            log.log_begin(claim)
            future = self.scraper.submit(claim.cedula, turn, self._wake.set)
        self.flights.append(Flight(claim, future, slot))
        future.add_done_callback(lambda _: self._wake.set())

    # --- Waiting --------------------------------------------------------------------------------

    def _has_work(self) -> bool:
        """True if something is in flight or due, or was until LINGER_SECONDS ago."""
        now = time.monotonic()
        if self.flights or self._saw_due:
            self._busy_at = now
            return True
        return now - self._busy_at < self.linger

    def _sleep(self) -> None:
        now = time.monotonic()
        until_start = self._next_start - now if self._has_room() else ROUND_SECONDS
        self._wake.wait(min(max(until_start, 0.01), ROUND_SECONDS))
        self._wake.clear()

    # --- Stopping -------------------------------------------------------------------------------

    def _drain(self) -> None:
        """Let lookups in flight end by themselves for DRAIN_SECONDS, then hand the rest back."""
        deadline = time.monotonic() + DRAIN_SECONDS
        self.concurrency = 0
        for flight in self.flights:
            if flight.slot is not None and flight.future.visited_at is None:
                self.scraper.cancel(flight.future)
        while self.flights:
            pulse.beat(self.scraper.ran_at())
            self._guarded_round()
            if time.monotonic() > deadline:
                for flight in self.flights:
                    self.scraper.cancel(flight.future)
            if self.flights:
                self._sleep()


def run_in_this_process(first_user_id: int | None = None) -> None:
    """Look up the due rows with a new scraper, which is closed before this returns.

    Return at once if nothing is due. In a cluster's worker, linger for rows that come due next.
    """
    if pulse.must_drain() or not lifecycle.is_anything_due():
        return
    gate = Gate(settings.LOOKUP_INTERVAL_SECONDS)
    permits = CaptchaPermits(gate)
    scraper = RegistraduriaScraper(budget=permits)
    try:
        Dispatcher(
            scraper,
            gate,
            permits,
            concurrency=settings.LOOKUP_CONCURRENCY,
            retry_delays=settings.RETRY_DELAYS_SECONDS,
            worker=workers.current_worker(),
        ).run(first_user_id)
    except Exception:
        logger.exception("The dispatcher fails; what it held goes back into the queue.")
        raise
    finally:
        scraper.close()
        pulse.rest()
        permits.serve()  # purchases reported while it closed
