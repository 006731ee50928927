"""The other clusters on the same queue, and what a worker warns of when it sees them."""

import logging
from uuid import UUID

from django.db import connection

from census.worker.heartbeats import living_workers

logger = logging.getLogger(__name__)


class OtherCode:
    """The living clusters whose code differs from this one's, each of them told of once."""

    def __init__(self, version: str) -> None:
        self.version = version
        self._told: set[UUID] = set()

    def tell(self) -> None:
        """Warn of every such cluster that has not been told of yet."""
        others = living_workers().exclude(version=self.version)
        for other in others.exclude(pk__in=self._told):
            self._told.add(other.pk)
            logger.warning(
                "Another worker takes tasks with other code: process %s on %s runs %s, this one"
                " runs %s. Restart whichever is older.",
                other.pid,
                other.host,
                other.version,
                self.version,
            )


class OtherHosts:
    """The machines that SQLite must not be shared with, each of them told of once."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._told: set[str] = set()

    def tell(self) -> None:
        """Warn of every machine that has not been told of yet; never on PostgreSQL."""
        if connection.vendor != "sqlite":
            return
        others = living_workers().exclude(host=self.host).exclude(host__in=self._told)
        for host in sorted(set(others.values_list("host", flat=True))):
            self._told.add(host)
            logger.warning(
                "A worker on %s uses the same SQLite database as this one on %s, which can damage"
                " it: set DATABASE_URL to PostgreSQL, or stop one of them.",
                host,
                self.host,
            )
