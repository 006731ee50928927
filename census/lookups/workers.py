"""Names of worker processes, and the test whether the worker of a name is dead."""

import os
import socket
import sys
from pathlib import Path

import psutil

START_FIELD = 19
"""The start time's index in /proc/PID/stat, counted after the command's name; see proc(5)."""
ENDED_STATES = frozenset("ZXx")
"""Values of the first such field for a process that has ended and is not reaped yet: a container's
first process may take seconds to do that."""


def current_worker() -> str:
    """A name for this process that no other one has, now or after a restart.

    `host/namespace/pid/start`: boot and PID namespace tell another process whether it can see
    this one; the start tells it from a later process with the same pid.
    """
    return _name(os.getpid())


def is_certainly_dead(worker: str) -> bool:
    """True if `worker` ran in this process's PID namespace and is gone."""
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
    """The start of the process, in ticks since the boot.

    Not a date, as psutil gives it: a clock that is set moves the date of the boot, and with it
    that of every process, so that all workers would pass for dead.
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
    except OSError:  # not Linux: only the lease can tell
        return f"unknown-{os.getpid()}"
