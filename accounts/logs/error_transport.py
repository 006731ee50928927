"""Send error reports without a thread, for a process that forks.

Import it only if SENTRY_DSN is set, because it imports the library.
"""

from collections.abc import Callable
from typing import Any

from sentry_sdk.transport import HttpTransport
from sentry_sdk.worker import Worker


class NoThread(Worker):
    """Run each task at once, in the calling thread."""

    is_alive = True

    def kill(self) -> None:
        """Nothing to stop."""

    def full(self) -> bool:
        return False

    def submit(self, callback: Callable[[], Any]) -> bool:
        callback()
        return True


class TransportWithoutThread(HttpTransport):
    """A transport for a process whose children would inherit the locks of its sending thread.

    It blocks the caller, but reports are rare and the wait is bounded, because this process
    watches others.
    """

    TIMEOUT = 2
    """Seconds."""

    def _create_worker(self, options: dict[str, Any]) -> Worker:  # noqa: ARG002  the library's own
        return NoThread()

    def _get_pool_options(self) -> dict[str, Any]:
        return {**super()._get_pool_options(), "retries": False}
