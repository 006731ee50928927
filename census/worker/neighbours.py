"""Warnings about other clusters on the same queue: other code, or another machine."""

import logging
from uuid import UUID

from django.db import connection

from census.worker.heartbeats import living_workers

logger = logging.getLogger(__name__)


class OtherCode:
    """Warns of living clusters whose code differs from this one's, of each once."""

    def __init__(self, version: str) -> None:
        self.version = version
        self._warned: set[UUID] = set()

    def warn(self) -> None:
        """Log a warning for each such cluster that is new."""
        others = living_workers().exclude(version=self.version)
        for other in others.exclude(pk__in=self._warned):
            self._warned.add(other.pk)
            logger.warning(
                "Another worker takes tasks with other code: process %s on %s runs %s, this one"
                " runs %s. Restart whichever is older.",
                other.pid,
                other.host,
                other.version,
                self.version,
            )


class OtherHosts:
    """Warns of machines that share this one's SQLite database, of each once."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._warned: set[str] = set()

    def warn(self) -> None:
        """Log a warning for each such machine that is new; never on PostgreSQL."""
        if connection.vendor != "sqlite":
            return
        others = living_workers().exclude(host=self.host).exclude(host__in=self._warned)
        for host in sorted(set(others.values_list("host", flat=True))):
            self._warned.add(host)
            logger.warning(
                "A worker on %s uses the same SQLite database as this one on %s, which can damage"
                " it: set DATABASE_URL to PostgreSQL, or stop one of them.",
                host,
                self.host,
            )
