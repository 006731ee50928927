"""The name of a worker process, and whether a worker of that name is dead."""

import os
import socket
import sys
from pathlib import Path

import psutil

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
