"""How an outage of the database is told: once at its beginning, once at its end.

What works on meanwhile tries again every second or so, and a traceback each time would bury all
else that the log says.
"""

import logging
import time


class Outage:
    """Of the database, as one loop of one process meets it."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        """For how long it has lasted; 0 where there is none."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    def goes_on(self, error: Exception) -> None:
        """The database has failed, with this."""
        if self._since is None:
            self._since = time.monotonic()
            self._logger.warning("The database fails; trying again.", exc_info=error)

    def is_over(self) -> None:
        """The database has answered."""
        if self._since is not None:
            self._logger.warning("The database works again, after %.1f s.", self.seconds)
            self._since = None
