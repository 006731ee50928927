"""Judges whether a lookup waits for something that can no longer come.

A long queue is not stale: a worker comes to each of its rows. A row is stale when it is in
PROCESSING without a valid lease, when its next attempt lies further ahead than any delay that is
ever set, or when it is due and the queue does not move though nothing pauses it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from census.states import Status

STANDSTILL = timedelta(minutes=2)
"""If no worker has claimed anything for this time, none works on the queue."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The values of a row that tell what it waits for."""

    status: str
    lease_expires_at: datetime | None
    next_attempt_at: datetime


def is_stale(
    wait: Wait,
    now: datetime,
    longest_delay: timedelta,
    stands_still: Callable[[datetime], bool],
) -> bool:
    """True if the wait of a row in flight is in vain.

    `longest_delay` is the longest that we ever put between two attempts. `stands_still` costs
    queries and is called only for a row that has been due for longer than STANDSTILL.
    """
    if wait.status == Status.PROCESSING:
        return wait.lease_expires_at is None or wait.lease_expires_at < now
    if wait.status != Status.PENDING:
        return False
    if wait.next_attempt_at > now + longest_delay + STANDSTILL:
        return True  # a clock was set back after it was written
    return wait.next_attempt_at < now - STANDSTILL and stands_still(now)
