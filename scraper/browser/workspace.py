"""A private directory for one session's driver and browsers, removed by the next if it is left.

A killed Chromium leaves its profile, with the cédulas of its last pages, in the temporary
directory. So each session has its own directory there, and holds a lock on a file beside it: a
directory whose lock is free belongs to nobody, and the next session removes it.
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
"""In characters. Chromium makes a socket in the directory; a socket's path has 104 at most."""


class Workspace:
    """An existing directory that is this session's own until `remove` is called."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def create(cls) -> "Workspace":
        """Make a new one, and remove those of dead sessions. Raises OSError."""
        home = _home()
        _remove_abandoned(home)
        while True:
            path = home / secrets.token_hex(4)
            lock = _locked(path.with_suffix(LOCK), os.O_CREAT | os.O_EXCL)
            # None if another session took the file for abandoned before it was locked.
            if lock is not None:
                path.mkdir(mode=0o700)
                return cls(path, lock)

    @property
    def room_mib(self) -> float:
        """Free space on its disk."""
        return shutil.disk_usage(self.path).free / 2**20

    def remove(self) -> None:
        """Delete the directory, even while a dying process writes to it, then release the lock.

        The next session removes what could not be deleted.
        """
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.with_suffix(LOCK).unlink(missing_ok=True)
        os.close(self._lock)


@contextmanager
def as_temporary_directory(path: Path) -> Iterator[None]:
    """Make `path`, and set TMPDIR to it for the processes that are started meanwhile.

    The environment belongs to the whole process: hold this no longer than a start takes. Python's
    own `tempfile` is not affected.
    """
    path.mkdir(mode=0o700)
    # TMPDIR stays set afterwards, to its default: adding and removing a variable would break
    # threads that iterate over the environment meanwhile.
    before = os.environ.setdefault("TMPDIR", tempfile.gettempdir())
    os.environ["TMPDIR"] = str(path)
    try:
        yield
    finally:
        os.environ["TMPDIR"] = before


def _home() -> Path:
    """The directory of all this user's sessions, readable by nobody else."""
    base = Path(tempfile.gettempdir())
    if len(str(base)) > LONGEST_BASE:
        base = Path("/tmp")  # noqa: S108  the owner of what is made there is checked
    home = base / f"censo-al-dia-{os.geteuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    found = home.lstat()
    if found.st_uid != os.geteuid() or home.is_symlink():
        raise PermissionError(f"{home} belongs to somebody else: remove it.")
    home.chmod(0o700)
    return home


def _remove_abandoned(home: Path) -> None:
    """Remove directories whose lock is free or missing: a session makes its lock file first."""
    for path in home.iterdir():
        lock_file = path.with_suffix(LOCK)
        if path != lock_file and not lock_file.exists():
            shutil.rmtree(path, ignore_errors=True)
        elif path == lock_file and (lock := _locked(lock_file)) is not None:
            logger.info("Removing what a dead session left in %s.", path.with_suffix(""))
            kill_all_using(path.with_suffix(""))  # a hung driver outlives its session
            Workspace(path.with_suffix(""), lock).remove()


def _locked(lock_file: Path, flags: int = 0) -> int | None:
    """Open and lock the file; return its descriptor, or None if it is taken or gone."""
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
