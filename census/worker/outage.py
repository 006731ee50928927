"""Log an outage of the database once at its beginning and once at its end.

Loops that go on meanwhile try again every second or so, and a traceback each time would bury the
rest of the log.
"""

import logging
import time


class Outage:
    """An outage of the database, as one loop of one process meets it."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        """Its duration so far; 0 if there is none."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    def goes_on(self, error: Exception) -> None:
        """Note that the database has failed, with `error`."""
        if self._since is None:
            self._since = time.monotonic()
            self._logger.warning("The database fails; trying again.", exc_info=error)

    def is_over(self) -> None:
        """Note that the database has answered."""
        if self._since is not None:
            self._logger.warning("The database works again, after %.1f s.", self.seconds)
            self._since = None
