"""Orphans: the product's processes that outlived their parent.

The test's process acts as init for all its descendants, so an orphan becomes its child, whatever
session, group or environment it has given itself.
"""

import ctypes
import os
import subprocess
import sys
from collections.abc import Collection

import psutil

from tests.cluster import command_of
from tests.stack import is_alive, kill

PR_SET_CHILD_SUBREAPER = 36
"""prctl(2): orphans among the descendants become this process's children. Linux only."""


class Strays:
    """Orphans that this process adopts from now on."""

    def __init__(self) -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1)
        self._before = _children()

    def alive(self, started: Collection[subprocess.Popen[bytes]]) -> list[psutil.Process]:
        """Children that the test has not `started` itself; its own browser does not count."""
        own = {process.pid for process in started}
        return [
            child
            for child in _children() - self._before
            if child.pid not in own and is_alive(child) and not _drives_the_tests_browser(child)
        ]

    def end(self, started: Collection[subprocess.Popen[bytes]]) -> None:
        """Kill the orphans that are left, with their descendants."""
        for stray in self.alive(started):
            for member in (*stray.children(recursive=True), stray):
                kill(member)


def _children() -> set[psutil.Process]:
    return set(psutil.Process(os.getpid()).children())


def _drives_the_tests_browser(process: psutil.Process) -> bool:
    """True for a driver of the tests: the product's have a scraper session's TMPDIR."""
    try:
        where = process.environ().get("TMPDIR", "")
    except psutil.Error:
        return False
    return "run-driver" in command_of(process) and "censo-al-dia-" not in where
