"""The clock by which claims are held and attempts fall due: one for all workers."""

from datetime import UTC, datetime, timedelta

from scraper.gate import database_now

SKEW = timedelta(seconds=5)
"""What the clocks of hosts that keep time may differ by, and a write may take."""


def now() -> datetime:
    """The database's time; a worker's own host may keep another, and void everybody's claims."""
    return datetime.fromtimestamp(database_now(), UTC)
