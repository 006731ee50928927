"""A private directory for one session's driver and browsers, found and removed if it is left.

A killed Chromium leaves its profile, with the cédulas of its last pages, in the temporary
directory. So each session has a directory of its own there, and holds a lock beside it: a
directory whose lock can be had belongs to nobody, and the next session removes it.
"""

import fcntl
import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scraper.browser.processes import kill_all_using

logger = logging.getLogger(__name__)

LOCK = ".lock"
LONGEST_BASE = 32
"""Characters. Chromium makes a socket below the directory, and a socket's path ends at 104."""


class Workspace:
    """An existing directory that is this session's own until `remove` is called."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def create(cls) -> "Workspace":
        """A new one; those of dead owners are removed on the way. Raises OSError."""
        home = _home()
        _remove_abandoned(home)
        while True:
            path = home / secrets.token_hex(4)
            lock = _locked(path.with_suffix(LOCK), os.O_CREAT | os.O_EXCL)
            # None where somebody else took it for abandoned before it was locked.
            if lock is not None:
                path.mkdir(mode=0o700)
                return cls(path, lock)

    @property
    def room_mib(self) -> float:
        """What the disk has left for it."""
        return shutil.disk_usage(self.path).free / 2**20

    def remove(self) -> None:
        """Delete the directory, whatever a dying process still does in it, then give up the lock.

        What could not be deleted is the next session's to remove.
        """
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.with_suffix(LOCK).unlink(missing_ok=True)
        os.close(self._lock)


@contextmanager
def as_temporary_directory(path: Path) -> Iterator[None]:
    """Make `path`, and have the processes that are started meanwhile put their files there.

    The environment is the whole process's: hold this no longer than a start takes. Python's own
    `tempfile` keeps its answer.
    """
    path.mkdir(mode=0o700)
    # Set for good, to what it meant: a variable that came and went would break the threads that
    # list the environment meanwhile.
    before = os.environ.setdefault("TMPDIR", tempfile.gettempdir())
    os.environ["TMPDIR"] = str(path)
    try:
        yield
    finally:
        os.environ["TMPDIR"] = before


def _home() -> Path:
    """The directory of all sessions of this user, closed to everybody else."""
    base = Path(tempfile.gettempdir())
    if len(str(base)) > LONGEST_BASE:
        base = Path("/tmp")  # noqa: S108  what is made in it is checked to be ours
    home = base / f"censo-al-dia-{os.geteuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    found = home.lstat()
    if found.st_uid != os.geteuid() or home.is_symlink():
        raise PermissionError(f"{home} belongs to somebody else: remove it.")
    home.chmod(0o700)
    return home


def _remove_abandoned(home: Path) -> None:
    """Remove the directories whose lock nobody holds, or that have none: it is made first."""
    for path in home.iterdir():
        lock_file = path.with_suffix(LOCK)
        if path != lock_file and not lock_file.exists():
            shutil.rmtree(path, ignore_errors=True)
        elif path == lock_file and (lock := _locked(lock_file)) is not None:
            logger.info("Removing what a dead session left in %s.", path.with_suffix(""))
            kill_all_using(path.with_suffix(""))  # a driver that hangs outlives its owner
            Workspace(path.with_suffix(""), lock).remove()


def _locked(lock_file: Path, flags: int = 0) -> int | None:
    """A descriptor that holds the lock; None where another has it, or the file is gone."""
    try:
        lock = os.open(lock_file, os.O_RDWR | flags, 0o600)
    except (FileNotFoundError, FileExistsError):
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(lock).st_nlink:
            return lock
    except BlockingIOError:
        pass
    os.close(lock)
    return None
