"""Give a queue its jobs, from a process of their own as a web server is one.

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
"""The longest pause between an answer and the next single job: as long as the interval at which
workers look, so that the jobs meet every moment of it."""
LOST_SECONDS = 20.0
"""A single job that an idle worker has not done by then is not waited for."""


LEFT = "left"
"""The file beside the journal that says how many jobs were left."""


class Jobs(Protocol):
    """What an `X_jobs` module has."""

    def queue(self, job: int) -> float:
        """Put the job into the queue; `time.time()` of the moment it was there."""

    def left(self) -> int:
        """How many jobs the queue still holds, waiting or in flight."""


def many(jobs: Jobs, first: int, count: int) -> None:
    for job in range(first, first + count):
        journal.write(Event.QUEUED, job, jobs.queue(job))


def singly(jobs: Jobs, first: int, count: int) -> None:
    """One after another: the next when the last is done, and a pause later."""
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
