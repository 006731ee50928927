"""The job, and the journal: one file in which every process writes what it did, and when.

Plain Python with one short append per line: a killed process loses nothing that it has written, and
writing costs the same for every queue.
"""

import os
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

VARIABLE = "CONTENDERS_JOURNAL"
"""The environment variable that names the file."""

LONG_JOBS = 20_000_000
"""Jobs are numbers, which also serve as cédulas. From this one on they take LONG_SECONDS."""
LONG_SECONDS = 1.0


class Event(StrEnum):
    QUEUED = "queued"
    """At the commit, or the broker's answer, that put the job into the queue."""
    BEGAN = "began"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Entry:
    event: Event
    job: int
    at: float
    """Seconds since the epoch, by the clock of the one host."""


def write(event: Event, job: int, at: float | None = None) -> None:
    """Append a line; `at` defaults to now."""
    line = f"{event} {job} {time.time() if at is None else at!r}\n"
    file = os.open(os.environ[VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line.encode("ascii"))
    finally:
        os.close(file)


def read(file: Path) -> list[Entry]:
    """All entries so far, in order."""
    if not file.exists():
        return []
    split = [line.split() for line in file.read_text(encoding="ascii").splitlines()]
    return [Entry(Event(event), int(job), float(at)) for event, job, at in split]


def seconds_of(job: int) -> float:
    return LONG_SECONDS if job >= LONG_JOBS else 0.0


def do(job: int) -> None:
    """Run a job: sleep as long as it should take, and log its beginning and end."""
    write(Event.BEGAN, job)
    time.sleep(seconds_of(job))
    write(Event.ENDED, job)
