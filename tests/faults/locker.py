"""Another process that writes into a SQLite database and takes its time."""

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
    """Nobody else writes for so long, from when the body begins; its end waits for the lock's."""
    with subprocess.Popen(
        [sys.executable, "-c", LOCK, str(file), str(seconds)], stdout=subprocess.PIPE, text=True
    ) as locker:
        assert locker.stdout is not None
        assert locker.stdout.readline() == "locked\n"
        yield
