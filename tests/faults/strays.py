"""Processes of a product that lost their parent, and were not to outlive it.

The test's process takes the place of init for all that descends from it, so an orphan becomes its
child, whatever session, group or environment it has made itself.
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
"""prctl(2): orphans among the descendants become this process's children. Linux alone has it."""


class Strays:
    """Whoever is adopted from now on."""

    def __init__(self) -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1)
        self._before = _children()

    def alive(self, started: Collection[subprocess.Popen[bytes]]) -> list[psutil.Process]:
        """Our children but those that the test has `started` itself, its own browser included."""
        own = {process.pid for process in started}
        return [
            child
            for child in _children() - self._before
            if child.pid not in own and is_alive(child) and not _drives_the_tests_browser(child)
        ]

    def end(self, started: Collection[subprocess.Popen[bytes]]) -> None:
        """Leave none on the machine, whatever the test found."""
        for stray in self.alive(started):
            for member in (*stray.children(recursive=True), stray):
                kill(member)


def _children() -> set[psutil.Process]:
    return set(psutil.Process(os.getpid()).children())


def _drives_the_tests_browser(process: psutil.Process) -> bool:
    """The product's own drivers have a temporary directory of a scraper's session."""
    try:
        where = process.environ().get("TMPDIR", "")
    except psutil.Error:
        return False
    return "run-driver" in command_of(process) and "censo-al-dia-" not in where
