"""The pool of database connections that the threads of a web process share."""

from typing import Any

from django.conf import settings
from django.db import connections

POSTGRESQL = "django.db.backends.postgresql"

WAIT_SECONDS = 10.0
"""Seconds that a request waits for a connection, if none is free or the database is down."""


def share_connections() -> None:
    """Limit the threads of this process to DATABASE_POOL_SIZE connections to PostgreSQL.

    For web processes alone, before their first query. In each process of a worker one thread uses
    the database and keeps its connection; and these processes are forks, which a pool does not
    survive. Connections to SQLite are not worth sharing.
    """
    database = connections.settings["default"]
    if database["ENGINE"] != POSTGRESQL:
        return
    pool: dict[str, Any] = {
        # None are opened in advance: a process that serves one request at a time needs one, not
        # four.
        "min_size": 0,
        "max_size": settings.DATABASE_POOL_SIZE,
        "timeout": WAIT_SECONDS,
        # The pool doubles its wait after each failure, and new requests wait with it: without this
        # limit it would notice the end of a longer outage only minutes later.
        "reconnect_timeout": WAIT_SECONDS,
        "name": "web",
    }
    database["OPTIONS"] = {**database.get("OPTIONS", {}), "pool": pool}
    database["CONN_MAX_AGE"] = 0  # each request returns its connection to the pool
