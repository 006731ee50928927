"""The clock by which claims are held and attempts fall due: one for all workers."""

import time
from datetime import UTC, datetime, timedelta

from scraper.gate.visits import database_now

SKEW = timedelta(seconds=5)
"""What the clocks of hosts that keep time may differ by, and a write may take."""
TOLERANCE_SECONDS = 10.0
"""How far a host may be off before its operator is told: a worker's signs of life, which go by its
own clock, are believed for 15 s."""


def now() -> datetime:
    """The database's time; a worker's own host may keep another, and void everybody's claims."""
    return datetime.fromtimestamp(database_now(), UTC)


def what_is_wrong_here() -> str:
    """A sentence for the operator about this host's own clock; '' where it keeps time."""
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
