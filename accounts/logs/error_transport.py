"""How reports leave a process that forks: at once, by the thread that reports.

Loaded where SENTRY_DSN is set alone, because it loads the library.
"""

from collections.abc import Callable
from typing import Any

from sentry_sdk.transport import HttpTransport
from sentry_sdk.worker import Worker


class NoThread(Worker):
    """Does at once what it is given."""

    is_alive = True

    def kill(self) -> None:
        """Nothing runs."""

    def full(self) -> bool:
        return False

    def submit(self, callback: Callable[[], Any]) -> bool:
        callback()
        return True


class TransportWithoutThread(HttpTransport):
    """For a process whose children would inherit the locks of a thread that they do not have.

    What it reports is rare, and the wait is bounded: it has others to watch.
    """

    TIMEOUT = 2
    """Seconds."""

    def _create_worker(self, options: dict[str, Any]) -> Worker:  # noqa: ARG002  the library's own
        return NoThread()

    def _get_pool_options(self) -> dict[str, Any]:
        return {**super()._get_pool_options(), "retries": False}
