"""Whether this host's clock may be trusted by the others."""

import time

from django.db import connection

from scraper.gate import database_now

TOLERANCE_SECONDS = 10.0
"""Of two hosts that are no further than this from the database's clock, none takes the other's
claims for lost: a lease has 20 s to run when it is renewed."""


def seconds_ahead() -> float:
    """How far this host's clock is ahead of the one that all hosts share; negative: behind.

    SQLite has one host, whose clock is the only one.
    """
    if connection.vendor != "postgresql":
        return 0.0
    before = time.time()
    shared = database_now()
    return (before + time.time()) / 2 - shared
