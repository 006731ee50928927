"""Connections that the threads of a web process share."""

from typing import Any

from django.conf import settings
from django.db import connections

POSTGRESQL = "django.db.backends.postgresql"

WAIT_SECONDS = 10.0
"""For a free connection, then for a database that is away; past it the request fails."""


def share_connections() -> None:
    """From now on the threads of this process hold DATABASE_POOL_SIZE connections at the most.

    For web processes alone, before their first query. A worker's processes have one thread each
    that asks the database, which keeps its connection; and they are forks, which no pool outlives.
    SQLite has no connections that are worth sharing.
    """
    database = connections.settings["default"]
    if database["ENGINE"] != POSTGRESQL:
        return
    pool: dict[str, Any] = {
        # None in advance: a process that serves one request at a time needs one, not four.
        "min_size": 0,
        "max_size": settings.DATABASE_POOL_SIZE,
        "timeout": WAIT_SECONDS,
        # After a longer outage the pool would find the database again only minutes later: it
        # waits twice as long after each failure, and new requests wait with it.
        "reconnect_timeout": WAIT_SECONDS,
        "name": "web",
    }
    database["OPTIONS"] = {**database.get("OPTIONS", {}), "pool": pool}
    database["CONN_MAX_AGE"] = 0  # a request gives its connection back to the pool
