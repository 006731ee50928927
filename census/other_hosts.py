"""What a worker says when workers of other machines use the same SQLite file."""

import logging

from django.db import connection

from census.selectors import living_workers

logger = logging.getLogger(__name__)


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
