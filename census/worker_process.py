"""What a worker process and the sentinel that guards it tell each other, and who a worker is.

Shared bytes without locks: a process that is killed while it holds a lock takes it to its grave.
"""

import os
import socket
import sys
import time
from ctypes import c_bool, c_double
from dataclasses import dataclass
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from typing import Any

import psutil


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

START_FIELD = 19
"""Of /proc/PID/stat, counted from what follows the command's name; see proc(5)."""
ENDED_STATES = frozenset("ZXx")
"""The first of these fields, of what has ended and that nobody has waited for yet: a container's
first process may take seconds to."""


def current_worker() -> str:
    """A name for this process that no other has, now or after a restart.

    `host/namespace/pid/start`: the boot and the PID namespace tell whether another process can
    judge from here if this one lives; the start tells it from a later one with its pid.
    """
    return _name(os.getpid())


def is_certainly_dead(worker: str) -> bool:
    """Whether `worker` ran where this process can see it, and is gone."""
    try:
        _, namespace, pid, _ = worker.rsplit("/", 3)
    except ValueError:
        return False
    if namespace != _namespace():
        return False
    try:
        return _name(int(pid)) != worker
    except (FileNotFoundError, ProcessLookupError):
        return True


def short_name(worker: str) -> str:
    """The host and the pid of `worker`, for people to read."""
    parts = worker.rsplit("/", 3)
    return f"{parts[0]}:{parts[2]}" if len(parts) == 4 else worker


def _name(pid: int) -> str:
    return f"{socket.gethostname()[:40]}/{_namespace()}/{pid}/{_start(pid)}"


def _start(pid: int) -> int:
    """When the process started, in ticks since the boot.

    Not as a date, which psutil would give: a clock that is set moves the date of the boot, and
    with it that of every process, so that all would pass for dead.
    """
    if sys.platform != "linux":
        return int(psutil.Process(pid).create_time())
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    fields = stat.rpartition(")")[2].split()
    if fields[0] in ENDED_STATES:
        raise ProcessLookupError(f"process {pid} has ended")
    return int(fields[START_FIELD])


def _namespace() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]
        return f"{boot}-{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:  # not Linux: nobody but the lease can tell
        return f"unknown-{os.getpid()}"
