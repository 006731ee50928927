"""A driver's process and everything that descends from it: its memory, and its end."""

import logging
import os
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

logger = logging.getLogger(__name__)

MIB = 1024 * 1024
WAIT_SECONDS = 3.0
"""For killed processes to be gone. The kernel takes milliseconds, unless the disk hangs."""


class ProcessTree:
    """A process of ours and its descendants, those included that outlived their parents."""

    def __init__(self, root: psutil.Process) -> None:
        self.root = root
        self._known: set[psutil.Process] = {root}

    def members(self) -> list[psutil.Process]:
        """Those that live now. Remembers them: the next call finds the orphans among them."""
        for known in list(self._known):
            try:
                self._known.update(known.children(recursive=True))
            except psutil.NoSuchProcess:
                continue
        # is_running() compares start times: a pid that was given anew is somebody else's.
        self._known = {member for member in self._known if member.is_running()}
        return list(self._known)

    def memory_mib(self) -> float:
        """What they hold together, pages that they share counted once."""
        return sum(_held_bytes(member) for member in self.members()) / MIB

    def kill(self) -> None:
        """End them all, at once and for certain; blocks until they are gone."""
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
    """The children of this process that have their temporary directory at or below `path`."""
    return _using(path, psutil.Process(os.getpid()).children())


def kill_children_using(path: Path) -> None:
    """End such children with all that descends from them; blocks until they are gone."""
    for child in children_using(path):
        ProcessTree(child).kill()


def kill_all_using(path: Path) -> None:
    """End every such process that we may, whoever its parent was."""
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
    """Whether it has ended, reaped or not: that may be up to a container's init, which is slow."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _held_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.AccessDenied, AttributeError):
        # A sandboxed renderer is closed to all but root; elsewhere than on Linux there is no PSS.
        return _private_bytes(process)
    except psutil.NoSuchProcess:
        return 0


def _private_bytes(process: psutil.Process) -> int:
    """What the process shares with no other: the shared part is counted with the main process."""
    try:
        memory = process.memory_info()
    except psutil.NoSuchProcess:
        return 0
    return int(memory.rss - getattr(memory, "shared", 0))
