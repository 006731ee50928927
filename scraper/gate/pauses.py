"""Pauses of the gate: automatic ones that grow longer, and an operator's."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from scraper.models import SiteGate

SKEW_SECONDS = 5.0
"""A pause that ends up to this much later than the longest allowed is left as it is."""

OPEN_END = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of an operator's pause without end: a datetime like any other, so that a comparison with
the clock, a monitor's included, finds that all workers pause."""


class PauseReason(StrEnum):
    """Why nobody visits the site."""

    BLOCKED = "blocked"
    """The site blocked too many lookups in a row."""
    SOLVER = "solver"
    """The captcha service refuses us: no money, or a wrong key."""
    LIMIT = "limit"
    """Today's limit of captcha purchases is reached."""
    OPERATOR = "operator"
    """An operator paused the lookups."""


REASONS_WITH_BACKOFF = (PauseReason.BLOCKED, PauseReason.SOLVER)
"""Reasons whose pauses last as PAUSE_SECONDS says; the others' end is given."""


def in_force(row: SiteGate, now: float) -> tuple[datetime, PauseReason] | tuple[None, None]:
    """The end and reason of the pause that ends last; (None, None) if none is in force."""
    pauses: list[tuple[datetime, PauseReason]] = []
    if row.held_until is not None and row.held_until.timestamp() > now:
        pauses.append((row.held_until, PauseReason.OPERATOR))
    if row.paused_until is not None and row.paused_until.timestamp() > now:
        pauses.append((row.paused_until, PauseReason(row.pause_reason)))
    return max(pauses, key=lambda pause: pause[0]) if pauses else (None, None)


def back_off(row: SiteGate, now: float, pauses: Sequence[float], reason: PauseReason) -> None:
    """Begin an automatic pause on `row`, longer than the one before; does not save it."""
    if row.paused_until is not None and row.paused_until.timestamp() > now:
        return  # lookups in flight when the pause began do not make it longer
    seconds = pauses[min(row.pauses_in_a_row, len(pauses) - 1)]
    row.pauses_in_a_row += 1
    row.pause_reason = reason
    row.paused_until = after(now, seconds)


def ends_too_late(row: SiteGate | None, now: float, pauses: Sequence[float]) -> bool:
    """True if an automatic pause ends later than the longest of `pauses` could."""
    if row is None or row.paused_until is None or row.pause_reason not in REASONS_WITH_BACKOFF:
        return False
    return row.paused_until > after(now, max(pauses) + SKEW_SECONDS)


def after(now: float, seconds: float) -> datetime:
    """The moment `seconds` after `now` (seconds since the epoch)."""
    return datetime.fromtimestamp(now, UTC) + timedelta(seconds=seconds)
