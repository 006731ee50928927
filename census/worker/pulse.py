"""The shared memory between a worker process and the sentinel that guards it.

Shared values without locks: a process that is killed while it holds a lock never frees it.
"""

from ctypes import c_bool, c_double
from dataclasses import dataclass
from multiprocessing.sharedctypes import RawValue
from typing import Any


@dataclass(frozen=True, slots=True)
class Pulse:
    """The shared memory between one worker and its sentinel."""

    drain: Any
    """Set by the sentinel for all its workers: finish or hand back the lookups, and end."""
    beat_at: Any
    """`time.monotonic()` when dispatcher and scraper both ran; 0 while no dispatcher runs."""

    @classmethod
    def new(cls, drain: Any) -> "Pulse":
        return cls(drain, RawValue(c_double, 0.0))


def new_drain_flag() -> Any:
    return RawValue(c_bool, False)  # noqa: FBT003  ctypes takes it by position


_own: Pulse | None = None


def adopt(pulse: Pulse) -> None:
    """Make this process a worker of a cluster, with this pulse."""
    global _own  # noqa: PLW0603  a process is one worker for its whole life
    _own = pulse


def is_cluster_worker() -> bool:
    """True if this process is a worker of `qcluster`, not a test or a shell."""
    return _own is not None


def must_drain() -> bool:
    """True if the cluster is stopping."""
    return _own is not None and bool(_own.drain.value)


def beat(at: float) -> None:
    """Tell the sentinel that the dispatcher runs, and the scraper's loop ran at `at`."""
    if _own is not None:
        _own.beat_at.value = at


def rest() -> None:
    """Tell the sentinel that the dispatcher has ended."""
    beat(0.0)
