"""What one worker says when it notices another one that was never restarted after an upgrade."""

import logging
from uuid import UUID

from census.selectors import living_workers

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
