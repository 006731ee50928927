"""The gate: a rate limit and circuit breaker for visits to the site, over all processes and hosts.

A row in the database says when the next visit may begin and who has reserved it. Reserving is a
short transaction; the waiting happens outside it. The interval counts from the actual visit, which
the slot's holder reports, so two visits are never closer than the interval, however late a browser
was. A holder that dies wastes its slot, which is the safe side.

The same row is the circuit breaker: after some blocks in a row all workers pause, longer each time,
until a lookup gets through again. An operator can pause them as well; that pause is kept apart from
the automatic ones, and of two pauses the one that ends last is reported.
"""

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from scraper.gate.pauses import OPEN_END, PauseReason, after, back_off, ends_too_late, in_force
from scraper.models import SiteGate

SLOT_SECONDS = 10.0
"""A holder may begin its visit this late: enough to start a Chromium on a busy machine."""

MARGIN_SECONDS = 0.01
"""Added to the interval, against clock differences and rounding."""

RECHECK_SECONDS = 0.05
"""The least wait before asking again for a slot that another worker holds."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The right to begin one visit, `opens_in` to `closes_in` seconds after its reservation."""

    holder: uuid.UUID
    opens_in: float
    closes_in: float


@dataclass(frozen=True, slots=True)
class TooEarly:
    """No slot can be reserved yet; ask again in this many seconds."""

    retry_in: float


@dataclass(frozen=True, slots=True)
class Paused:
    """Nobody visits the site before this moment."""

    until: datetime


@dataclass(frozen=True, slots=True)
class GateState:
    """The gate as pages show it."""

    paused_until: datetime | None
    """OPEN_END for a pause without end; None without a pause."""
    pause_reason: PauseReason | None
    next_visit_in: float
    """Seconds until the next visit may begin; 0 if now."""
    is_reserved: bool = False
    """True if that visit is reserved and not made yet: the next free one is an interval later."""


class Gate:
    """The gate of one site, for visits at least `interval` seconds apart."""

    def __init__(self, interval: float) -> None:
        self.interval = interval

    def reserve(self, lead: float = 0.0) -> Slot | TooEarly | Paused:
        """Reserve the next visit, if it is free and may begin within `lead` seconds from now."""
        with _locked_row() as (row, now):
            until, _ = in_force(row, now)
            if until is not None:
                return Paused(until)
            self._forget_impossible_times(row, now, lead)
            if row.holder is not None and now <= row.holder_until:
                free_at = row.next_visit_at + self.interval
                return TooEarly(max(free_at - lead - now, RECHECK_SECONDS))
            if row.holder is not None:
                # The holder died or lost its connection: it may have visited at the last moment.
                row.holder = None
                row.next_visit_at = row.holder_until + self.interval + MARGIN_SECONDS
                row.save()
            if row.next_visit_at - lead > now:
                return TooEarly(max(row.next_visit_at - lead - now, RECHECK_SECONDS))
            opens_at = max(now, row.next_visit_at)
            row.holder = uuid.uuid4()
            row.next_visit_at = opens_at
            row.holder_until = opens_at + SLOT_SECONDS
            row.save()
            return Slot(row.holder, opens_at - now, row.holder_until - now)

    def visited(self, slot: Slot, seconds_ago: float) -> None:
        """Report that the site was visited with this slot, `seconds_ago` before now."""
        with _locked_row() as (row, now):
            earliest = now - seconds_ago + self.interval + MARGIN_SECONDS
            row.next_visit_at = max(row.next_visit_at, earliest)
            if row.holder == slot.holder:
                row.holder = None
            row.save()

    def give_back(self, slot: Slot) -> None:
        """Report that this slot was not used: it is free again."""
        with _locked_row() as (row, _):
            if row.holder == slot.holder:
                row.holder = None
                row.save()

    def record_block(self, pause_after: int, pauses: Sequence[float]) -> datetime | None:
        """Count a blocked lookup; pause all workers after `pause_after` of them in a row.

        Returns the pause's end, or None if there is none yet. `pauses` are the seconds of the
        first, second, … pause; the last one repeats.
        """
        with _locked_row() as (row, now):
            row.consecutive_blocks += 1
            if row.consecutive_blocks >= pause_after:
                back_off(row, now, pauses, PauseReason.BLOCKED)
            row.save()
            return row.paused_until

    def record_unusable_solver(self, pauses: Sequence[float]) -> datetime | None:
        """Pause all workers because the captcha service refuses us: every visit would be wasted."""
        with _locked_row() as (row, now):
            back_off(row, now, pauses, PauseReason.SOLVER)
            row.save()
            return row.paused_until

    def shorten_impossible_pause(self, pauses: Sequence[float]) -> datetime | None:
        """Restart a pause that ends later than any can, because the clock was set back.

        Returns the pause's new end; None if nothing was wrong.
        """
        if not ends_too_late(SiteGate.objects.filter(pk=1).first(), database_now(), pauses):
            return None
        with _locked_row() as (row, now):
            if ends_too_late(row, now, pauses):
                rank = min(max(row.pauses_in_a_row, 1), len(pauses))
                row.paused_until = after(now, pauses[rank - 1])
                row.save()
            return row.paused_until

    def record_spent_budget(self, until: datetime) -> bool:
        """Pause all workers until more captchas may be bought; False if they already do."""
        with _locked_row() as (row, _):
            paused_until = row.paused_until or until
            if row.pause_reason == PauseReason.LIMIT and paused_until >= until:
                return False
            row.pause_reason = PauseReason.LIMIT
            row.paused_until = max(paused_until, until)
            row.save()
            return True

    def forget_spent_budget(self) -> None:
        """End a pause for that reason: a captcha may be bought today after all."""
        SiteGate.objects.filter(pk=1, pause_reason=PauseReason.LIMIT).update(
            paused_until=None, pause_reason=""
        )

    def record_pass(self) -> None:
        """Count a lookup that got through: close the breaker. An operator's pause goes on."""
        (
            SiteGate.objects.filter(pk=1)
            .exclude(consecutive_blocks=0, pauses_in_a_row=0)
            .update(consecutive_blocks=0, pauses_in_a_row=0)
        )

    def pause(self, seconds: float | None) -> datetime:
        """Pause all workers for an operator; return the pause's end.

        None lasts until somebody resumes: OPEN_END. A second call replaces the first.
        """
        with _locked_row() as (row, now):
            row.held_since = after(now, 0)
            row.held_until = OPEN_END if seconds is None else after(now, seconds)
            row.save()
            return row.held_until

    def resume(self) -> None:
        """End every pause now, the operator's and the automatic ones."""
        SiteGate.objects.filter(pk=1).update(
            paused_until=None,
            pause_reason="",
            held_since=None,
            held_until=None,
            consecutive_blocks=0,
            pauses_in_a_row=0,
        )

    @staticmethod
    def state() -> GateState:
        """Read the gate's state, without changing it."""
        row = SiteGate.objects.filter(pk=1).first()
        if row is None:
            return GateState(None, None, 0.0)
        return state_of(row, database_now())

    def _forget_impossible_times(self, row: SiteGate, now: float, lead: float) -> None:
        """Correct times too far ahead: the clock was set back, or the interval shortened."""
        furthest = now + lead + SLOT_SECONDS + self.interval + MARGIN_SECONDS
        if row.next_visit_at > furthest or row.holder_until > furthest:
            row.holder = None
            row.holder_until = now
            row.next_visit_at = now + self.interval
            row.save()


def state_of(row: SiteGate, now: float) -> GateState:
    """The state of a gate's row that was read already, at `now` (seconds since the epoch)."""
    until, reason = in_force(row, now)
    if until is None:
        is_reserved = row.holder is not None and now <= row.holder_until
        return GateState(None, None, max(0.0, row.next_visit_at - now), is_reserved)
    return GateState(until, reason, until.timestamp() - now)


@contextmanager
def _locked_row() -> Iterator[tuple[SiteGate, float]]:
    """The gate's row, locked in a transaction, and the database's clock."""
    with transaction.atomic():
        row, _ = SiteGate.objects.select_for_update().get_or_create(pk=1)
        yield row, database_now()


def database_now() -> float:
    """Seconds since the epoch, by a clock that all workers share.

    That is PostgreSQL's for several hosts; SQLite serves one host, so the host's clock will do.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            return float(cursor.fetchone()[0])
    return time.time()
