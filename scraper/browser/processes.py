"""A driver's process and all its descendants: measure their memory, and kill them."""

import logging
import os
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

logger = logging.getLogger(__name__)

MIB = 1024 * 1024
WAIT_SECONDS = 3.0
"""Limit for killed processes to be gone. The kernel takes milliseconds, unless the disk hangs."""


class ProcessTree:
    """A child process and its descendants, including those that outlived their parents."""

    def __init__(self, root: psutil.Process) -> None:
        self.root = root
        self._known: set[psutil.Process] = {root}

    def members(self) -> list[psutil.Process]:
        """The processes alive now. They are remembered, so that the next call finds the orphans."""
        for known in list(self._known):
            try:
                self._known.update(known.children(recursive=True))
            except psutil.NoSuchProcess:
                continue
        # is_running() compares start times: a reused pid belongs to another process.
        self._known = {member for member in self._known if member.is_running()}
        return list(self._known)

    def memory_mib(self) -> float:
        """Their memory together, shared pages counted once."""
        return sum(_held_bytes(member) for member in self.members()) / MIB

    def kill(self) -> None:
        """Kill them all; block until they are gone, WAIT_SECONDS at most."""
        members = self.members()
        for member in members:
            try:
                member.kill()
            except psutil.NoSuchProcess:
                continue
        deadline = time.monotonic() + WAIT_SECONDS
        while alive := [member for member in members if not _is_dead(member)]:
            if time.monotonic() > deadline:
                pids = ", ".join(str(left.pid) for left in alive)
                logger.error("Killed but not gone: %s.", pids)
                return
            time.sleep(0.005)


def children_using(path: Path) -> list[psutil.Process]:
    """Children of the current process whose temporary directory is `path` or below it."""
    return _using(path, psutil.Process(os.getpid()).children())


def kill_children_using(path: Path) -> None:
    """Kill such children and all their descendants; block until they are gone."""
    for child in children_using(path):
        ProcessTree(child).kill()


def kill_all_using(path: Path) -> None:
    """Kill every such process that this user may, whoever its parent was."""
    for process in _using(path, psutil.process_iter()):
        ProcessTree(process).kill()


def _using(path: Path, processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    return [
        process for process in processes if Path(_temporary_directory(process)).is_relative_to(path)
    ]


def _temporary_directory(process: psutil.Process) -> str:
    try:
        return process.environ().get("TMPDIR", "")
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return ""


def _is_dead(process: psutil.Process) -> bool:
    """True once it has ended, reaped or not: reaping may be left to a container's slow init."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _held_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.AccessDenied, AttributeError):
        # Only root may read a sandboxed renderer's PSS, and only Linux has one.
        return _private_bytes(process)
    except psutil.NoSuchProcess:
        return 0


def _private_bytes(process: psutil.Process) -> int:
    """The process's unshared memory: the shared part is counted with the main process."""
    try:
        memory = process.memory_info()
    except psutil.NoSuchProcess:
        return 0
    return int(memory.rss - getattr(memory, "shared", 0))
