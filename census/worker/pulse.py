"""The shared memory between a worker process and the sentinel that guards it.

Plain shared values without locks: a process that is killed while it holds a lock never frees it.
"""

import time
from ctypes import c_bool, c_double
from dataclasses import dataclass
from multiprocessing.sharedctypes import RawValue
from typing import Any


@dataclass(frozen=True, slots=True)
class Pulse:
    """The shared memory between one worker and its sentinel."""

    drain: Any
    """Set by the sentinel, for all its workers: finish or hand back, and end."""
    beat_at: Any
    """`time.monotonic()` of the dispatcher's last round; 0 while no dispatcher runs."""

    @classmethod
    def new(cls, drain: Any) -> "Pulse":
        return cls(drain, RawValue(c_double, 0.0))


def new_drain_flag() -> Any:
    return RawValue(c_bool, False)  # noqa: FBT003  ctypes takes it by position


_own: Pulse | None = None


def adopt(pulse: Pulse) -> None:
    """Make this process a worker of a cluster."""
    global _own  # noqa: PLW0603  a process is one worker, for good
    _own = pulse


def is_cluster_worker() -> bool:
    """Whether this process is a worker of `qcluster`, rather than a test or a shell."""
    return _own is not None


def must_drain() -> bool:
    """Whether the cluster is stopping."""
    return _own is not None and bool(_own.drain.value)


def beat(*, idle: bool = False) -> None:
    """Tell the sentinel that the dispatcher goes on, or that it has ended."""
    if _own is not None:
        _own.beat_at.value = 0.0 if idle else time.monotonic()
