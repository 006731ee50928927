"""Another process that holds the write lock of a SQLite database."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
database.execute("ROLLBACK")
"""


@contextmanager
def locked(file: Path, seconds: float) -> Iterator[None]:
    """Lock the file against writes for so long; the block's end waits for the lock's end."""
    with subprocess.Popen(
        [sys.executable, "-c", LOCK, str(file), str(seconds)], stdout=subprocess.PIPE, text=True
    ) as locker:
        assert locker.stdout is not None
        assert locker.stdout.readline() == "locked\n"
        yield
