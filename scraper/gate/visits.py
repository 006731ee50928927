"""The one gate through which every visit to the site passes, over all processes and hosts.

A row in the database says when the next visit may begin and who has reserved it. Reserving is a
short transaction; the waiting happens outside it. A slot counts from the moment at which the site
was really visited, which its holder reports, so two visits are never closer than the interval
however late a browser was. A holder that dies wastes its slot, which is the safe side.

The same row is the circuit breaker: after some blocks in a row everybody pauses, for longer each
time, until a lookup gets through again. An operator may hold the gate as well; that pause is kept
apart from those that the product makes by itself, and of two the one that ends last is told.
"""

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db import connection, transaction

from scraper.models import SiteGate

HOLD_SECONDS = 10.0
"""How late a holder may begin its visit: enough to start a Chromium on a busy machine."""

MARGIN_SECONDS = 0.01
"""Added to the interval, for what clocks and rounding may take away from it."""

RECHECK_SECONDS = 0.05
"""The least wait before asking again for a slot that somebody else holds."""

SKEW_SECONDS = 5.0
"""What a pause may end later than it could, and nobody mends it."""

OPEN_END = datetime(9999, 1, 1, tzinfo=UTC)
"""Until when an operator's pause lasts that somebody has to end: a moment like any other, so that
whoever compares it with the clock, a monitor included, finds that everybody pauses."""


class PauseReason(StrEnum):
    """Why nobody visits the site."""

    BLOCKED = "blocked"
    """The site turned us away too often in a row."""
    SOLVER = "solver"
    """The captcha service refuses us: no money, or a wrong key."""
    LIMIT = "limit"
    """As many captchas were bought today as the operator allows."""
    OPERATOR = "operator"
    """Somebody who runs the product wants it so."""


OUR_REASONS = (PauseReason.BLOCKED, PauseReason.SOLVER)
"""Why everybody pauses without a person, or the end of a day, having said until when."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The right to one visit, `opens_in` to `closes_in` seconds from when it was reserved."""

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
    """What people may be told of the gate."""

    paused_until: datetime | None
    """OPEN_END where nobody can say."""
    pause_reason: PauseReason | None
    next_visit_in: float
    """Seconds until a visit could begin; 0 where it could now."""
    is_reserved: bool = False
    """Whether somebody holds that visit and has not made it: the next is an interval later."""


class Gate:
    """The gate of one site, for visits at least `interval` seconds apart."""

    def __init__(self, interval: float) -> None:
        self.interval = interval

    def reserve(self, lead: float = 0.0) -> Slot | TooEarly | Paused:
        """Reserve the next visit if it is free and may begin within `lead` seconds from now."""
        with _locked_row() as (row, now):
            until, _ = _pause_in_force(row, now)
            if until is not None:
                return Paused(until)
            self._forget_impossible_times(row, now, lead)
            if row.holder is not None and now <= row.holder_until:
                free_at = row.next_visit_at + self.interval
                return TooEarly(max(free_at - lead - now, RECHECK_SECONDS))
            if row.holder is not None:
                # It died, or lost touch: it may have visited at the last moment allowed.
                row.holder = None
                row.next_visit_at = row.holder_until + self.interval + MARGIN_SECONDS
                row.save()
            if row.next_visit_at - lead > now:
                return TooEarly(max(row.next_visit_at - lead - now, RECHECK_SECONDS))
            opens_at = max(now, row.next_visit_at)
            row.holder = uuid.uuid4()
            row.next_visit_at = opens_at
            row.holder_until = opens_at + HOLD_SECONDS
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
        """Report that this slot was not used: the next to ask may have it."""
        with _locked_row() as (row, _):
            if row.holder == slot.holder:
                row.holder = None
                row.save()

    def record_block(self, pause_after: int, pauses: Sequence[float]) -> datetime | None:
        """Count a lookup that the site turned away; pause when they come in a row.

        Returns until when everybody now pauses, None where nobody does yet. `pauses` are the
        seconds of the first, second, … pause; the last one repeats.
        """
        with _locked_row() as (row, now):
            row.consecutive_blocks += 1
            if row.consecutive_blocks >= pause_after:
                _pause(row, now, pauses, PauseReason.BLOCKED)
            row.save()
            return row.paused_until

    def record_unusable_solver(self, pauses: Sequence[float]) -> datetime | None:
        """Pause everybody because the captcha service refuses us: no visit could end well."""
        with _locked_row() as (row, now):
            _pause(row, now, pauses, PauseReason.SOLVER)
            row.save()
            return row.paused_until

    def shorten_impossible_pause(self, pauses: Sequence[float]) -> datetime | None:
        """Have a pause begin anew that ends later than any could: the clock was set back.

        Returns until when it is now; None where nothing was to be mended.
        """
        if not _ends_too_late(SiteGate.objects.filter(pk=1).first(), database_now(), pauses):
            return None
        with _locked_row() as (row, now):
            if _ends_too_late(row, now, pauses):
                rank = min(max(row.pauses_in_a_row, 1), len(pauses))
                row.paused_until = _after(now, pauses[rank - 1])
                row.save()
            return row.paused_until

    def record_spent_day(self, until: datetime) -> bool:
        """Pause everybody until the next day's captchas may be bought; False where they do so."""
        with _locked_row() as (row, _):
            paused_until = row.paused_until or until
            if row.pause_reason == PauseReason.LIMIT and paused_until >= until:
                return False
            row.pause_reason = PauseReason.LIMIT
            row.paused_until = max(paused_until, until)
            row.save()
            return True

    def forget_spent_day(self) -> None:
        """A captcha may be bought today after all: nobody pauses for that reason any more."""
        SiteGate.objects.filter(pk=1, pause_reason=PauseReason.LIMIT).update(
            paused_until=None, pause_reason=""
        )

    def record_pass(self) -> None:
        """A lookup got through: the breaker closes. An operator's pause goes on."""
        (
            SiteGate.objects.filter(pk=1)
            .exclude(consecutive_blocks=0, pauses_in_a_row=0)
            .update(consecutive_blocks=0, pauses_in_a_row=0)
        )

    def hold(self, seconds: float | None) -> datetime:
        """Have everybody pause at an operator's wish; returns until when.

        Without `seconds` until somebody resumes: OPEN_END. A second call replaces the first.
        """
        with _locked_row() as (row, now):
            since = datetime.fromtimestamp(now, UTC)
            until = OPEN_END if seconds is None else since + timedelta(seconds=seconds)
            row.held_since, row.held_until = since, until
            row.save()
            return until

    def resume(self) -> None:
        """End every pause now, whoever made it."""
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
        """How the gate stands, without touching it."""
        row = SiteGate.objects.filter(pk=1).first()
        if row is None:
            return GateState(None, None, 0.0)
        return state_of(row, database_now())

    def _forget_impossible_times(self, row: SiteGate, now: float, lead: float) -> None:
        """Mend what a clock that was set back, or a shorter interval, left in the future."""
        furthest = now + lead + HOLD_SECONDS + self.interval + MARGIN_SECONDS
        if row.next_visit_at > furthest or row.holder_until > furthest:
            row.holder = None
            row.holder_until = now
            row.next_visit_at = now + self.interval
            row.save()


def state_of(row: SiteGate, now: float) -> GateState:
    """How the gate stands at `now` (seconds since the epoch) by its row, which was read already."""
    until, reason = _pause_in_force(row, now)
    if until is None:
        is_reserved = row.holder is not None and now <= row.holder_until
        return GateState(None, None, max(0.0, row.next_visit_at - now), is_reserved)
    return GateState(until, reason, until.timestamp() - now)


@contextmanager
def _locked_row() -> Iterator[tuple[SiteGate, float]]:
    """The gate's row, locked against everybody else, and the database's clock."""
    with transaction.atomic():
        row, _ = SiteGate.objects.select_for_update().get_or_create(pk=1)
        yield row, database_now()


def database_now() -> float:
    """Seconds since the epoch on the clock that all holders share.

    SQLite has one host, so its clock will do; several hosts share PostgreSQL's.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            return float(cursor.fetchone()[0])
    return time.time()


def _pause_in_force(row: SiteGate, now: float) -> tuple[datetime, PauseReason] | tuple[None, None]:
    """The pause that ends last of those that have not ended, and why it was made."""
    pauses: list[tuple[datetime, PauseReason]] = []
    if row.held_until is not None and row.held_until.timestamp() > now:
        pauses.append((row.held_until, PauseReason.OPERATOR))
    if row.paused_until is not None and row.paused_until.timestamp() > now:
        pauses.append((row.paused_until, PauseReason(row.pause_reason)))
    return max(pauses, key=lambda pause: pause[0]) if pauses else (None, None)


def _pause(row: SiteGate, now: float, pauses: Sequence[float], reason: PauseReason) -> None:
    if row.paused_until is not None and row.paused_until.timestamp() > now:
        return  # what was in flight when the pause began does not make it longer
    seconds = pauses[min(row.pauses_in_a_row, len(pauses) - 1)]
    row.pauses_in_a_row += 1
    row.pause_reason = reason
    row.paused_until = _after(now, seconds)


def _ends_too_late(row: SiteGate | None, now: float, pauses: Sequence[float]) -> bool:
    """Whether a pause of ours is in force that is longer than the longest."""
    if row is None or row.paused_until is None or row.pause_reason not in OUR_REASONS:
        return False
    return row.paused_until > _after(now, max(pauses) + SKEW_SECONDS)


def _after(now: float, seconds: float) -> datetime:
    return datetime.fromtimestamp(now, UTC) + timedelta(seconds=seconds)
