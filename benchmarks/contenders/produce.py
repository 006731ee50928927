"""Queue jobs from a process of its own, as a web server does.

python -m benchmarks.contenders.produce JOBS many FIRST COUNT
python -m benchmarks.contenders.produce JOBS singly FIRST COUNT
python -m benchmarks.contenders.produce JOBS left
"""

import os
import random
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Protocol

import django

from benchmarks.contenders import journal
from benchmarks.contenders.conditions import POLL_SECONDS
from benchmarks.contenders.journal import Event

PAUSE_SECONDS = POLL_SECONDS
"""The longest pause between an answer and the next single job: the workers' polling interval, so
that jobs arrive at every moment of it."""
LOST_SECONDS = 20.0
"""Limit for an idle worker to do a single job."""

LEFT = "left"
"""The file beside the journal that says how many jobs were left."""


class Jobs(Protocol):
    """The functions of an `X_jobs` module."""

    def queue(self, job: int) -> float:
        """Queue the job; return `time.time()` of the moment it was in the queue."""

    def left(self) -> int:
        """The number of jobs in the queue, waiting or in flight."""


def many(jobs: Jobs, first: int, count: int) -> None:
    for job in range(first, first + count):
        journal.write(Event.QUEUED, job, jobs.queue(job))


def singly(jobs: Jobs, first: int, count: int) -> None:
    """Queue one job after another: the next one when the last is done, after a pause."""
    draw = random.Random(first)
    file = journal_file()
    for job in range(first, first + count):
        time.sleep(draw.uniform(0, PAUSE_SECONDS))
        read_from = file.stat().st_size if file.exists() else 0
        journal.write(Event.QUEUED, job, jobs.queue(job))
        _await_end(file, read_from, job)


def journal_file() -> Path:
    return Path(os.environ[journal.VARIABLE])


def _await_end(file: Path, read_from: int, job: int) -> None:
    deadline = time.monotonic() + LOST_SECONDS
    wanted = f"{Event.ENDED} {job} ".encode("ascii")
    with file.open("rb") as lines:
        lines.seek(read_from)
        seen = b""
        while wanted not in seen:
            if time.monotonic() > deadline:
                sys.exit(f"Job {job} was not done within {LOST_SECONDS:g} s.")
            time.sleep(0.005)
            seen += lines.read()


def main() -> None:
    module, verb, *numbers = sys.argv[1:]
    django.setup()
    jobs: Jobs = import_module(f"benchmarks.contenders.{module}")
    if verb == "left":
        journal_file().with_name(LEFT).write_text(str(jobs.left()), encoding="ascii")
    else:
        {"many": many, "singly": singly}[verb](jobs, *map(int, numbers))


if __name__ == "__main__":
    main()
