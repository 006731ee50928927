"""The one clock of all workers, for leases and for attempts that fall due."""

import time
from datetime import UTC, datetime, timedelta

from scraper.gate.visits import database_now

SKEW = timedelta(seconds=5)
"""Allowance for the clocks of hosts that keep time, and for the duration of a write."""
TOLERANCE_SECONDS = 10.0
"""The error of a host's clock from which its operator is warned: a worker's heartbeats, which go by
its own clock, count as fresh for 15 s."""


def now() -> datetime:
    """The database's time: a host whose own clock is wrong would void everybody's claims."""
    return datetime.fromtimestamp(database_now(), UTC)


def what_is_wrong_here() -> str:
    """A sentence for the operator about this host's own clock; '' if it keeps time."""
    before = time.time()
    shared = database_now()
    ahead = (before + time.time()) / 2 - shared
    if abs(ahead) <= TOLERANCE_SECONDS:
        return ""
    return (
        f"This machine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the"
        " database's: its lookups go on, but it may count as gone, and pages tell wrong times."
        " Set both clocks by NTP."
    )
