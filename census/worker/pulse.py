"""What a worker process and the sentinel that guards it tell each other, and who a worker is.

Shared bytes without locks: a process that is killed while it holds a lock takes it to its grave.
"""

import time
from ctypes import c_bool, c_double
from dataclasses import dataclass
from multiprocessing.sharedctypes import RawValue
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """The shared memory between one worker and its sentinel."""

    drain: Any
    """Set by the sentinel, for all its workers: finish or hand back, and end."""
    pulse: Any
    """`time.monotonic()` of the dispatcher's last round; 0 while no dispatcher runs."""

    @classmethod
    def new(cls, drain: Any) -> "Line":
        return cls(drain, RawValue(c_double, 0.0))


def new_drain_flag() -> Any:
    return RawValue(c_bool, False)  # noqa: FBT003  ctypes takes it by position


_line: Line | None = None


def adopt(line: Line) -> None:
    """Make this process a worker of a cluster."""
    global _line  # noqa: PLW0603  a process is one worker, for good
    _line = line


def is_cluster_worker() -> bool:
    """Whether this process is a worker of `qcluster`, rather than a test or a shell."""
    return _line is not None


def must_drain() -> bool:
    """Whether the cluster is stopping."""
    return _line is not None and bool(_line.drain.value)


def beat(*, idle: bool = False) -> None:
    """Tell the sentinel that the dispatcher goes on, or that it has ended."""
    if _line is not None:
        _line.pulse.value = 0.0 if idle else time.monotonic()


# --- Identity -----------------------------------------------------------------------------------
