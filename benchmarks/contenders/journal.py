"""What a job does, and the one file in which every process says what it did, and when.

Plain Python, and one short append for each line: a process that is killed loses nothing that it
has written, and what is written costs the same whichever queue runs the job.
"""

import os
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

VARIABLE = "CONTENDERS_JOURNAL"
"""Of the environment: names the file."""

LONG_JOBS = 20_000_000
"""Jobs are numbers, which pass for cédulas. From this one on they take LONG_SECONDS."""
LONG_SECONDS = 1.0


class Event(StrEnum):
    QUEUED = "queued"
    """The transaction, or the broker's answer, by which the job was in the queue."""
    BEGAN = "began"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Entry:
    event: Event
    job: int
    at: float
    """Seconds since the epoch, by the clock of the one host."""


def write(event: Event, job: int, at: float | None = None) -> None:
    """Append a line, with this moment unless another is given."""
    line = f"{event} {job} {time.time() if at is None else at!r}\n"
    file = os.open(os.environ[VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line.encode("ascii"))
    finally:
        os.close(file)


def read(file: Path) -> list[Entry]:
    """All that was written so far, in that order."""
    if not file.exists():
        return []
    split = [line.split() for line in file.read_text(encoding="ascii").splitlines()]
    return [Entry(Event(event), int(job), float(at)) for event, job, at in split]


def seconds_of(job: int) -> float:
    return LONG_SECONDS if job >= LONG_JOBS else 0.0


def do(job: int) -> None:
    """The work: nothing, or nothing for a while."""
    write(Event.BEGAN, job)
    time.sleep(seconds_of(job))
    write(Event.ENDED, job)
