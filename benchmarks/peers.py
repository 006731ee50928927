"""Our queue beside others that a Django project might take: latency, rate, and a kill's recovery.

All run the same jobs in real worker processes on this machine: jobs that do nothing, and jobs of a
second while every process is killed. benchmarks/contenders has each queue and its settings.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import report
from benchmarks.contenders import findings
from benchmarks.contenders.availability import available
from benchmarks.contenders.conditions import AT_ONCE, LEASE_SECONDS, POLL_SECONDS
from benchmarks.contenders.contender import DJANGO_Q2, EVERYBODY, OURS, Contender
from benchmarks.contenders.journal import LONG_JOBS, LONG_SECONDS
from benchmarks.contenders.run import Run
from benchmarks.report import Cell, Plot, Section, Table
from tests.stack import wait_until

Process = subprocess.Popen[bytes]

BURST_JOBS, SINGLE_JOBS = 10_000_000, 11_000_000
"""Jobs are numbers; these are the first of their kind."""
STEP_SECONDS = 180.0
"""Limit for a step, after which a contender is given up."""
KILLED_AFTER_SECONDS = 0.5
"""From the end of the first long jobs: the next ones are half done."""
PATIENCE_SECONDS = LEASE_SECONDS + 7.0
"""From the new start: jobs that are not done by then are reported as not done."""


@dataclass
class Numbers:
    """The number of jobs of each kind."""

    burst: int
    singles: int
    long: int

    @property
    def burst_jobs(self) -> range:
        return range(BURST_JOBS, BURST_JOBS + self.burst)

    @property
    def single_jobs(self) -> range:
        return range(SINGLE_JOBS, SINGLE_JOBS + self.singles)

    @property
    def long_jobs(self) -> range:
        return range(LONG_JOBS, LONG_JOBS + self.long)


@dataclass
class Field:
    """The contenders that take part, and sentences about why others do not."""

    runs: list[Run]
    sentences: list[str] = field(default_factory=list)

    def each(self, step: Callable[[Run], None], runs: Iterable[Run]) -> None:
        """Take this step for `runs` in turn; one that fails is out, and the others go on."""
        for run in [run for run in runs if run in self.runs]:
            try:
                step(run)
            except AssertionError as trouble:
                run.clear()
                self.runs.remove(run)
                self.sentences.append(f"{run.contender.name} could not be measured: {trouble}")

    def together(self, start: Callable[[Run], Process]) -> None:
        """Take a step for all, in processes that run side by side."""
        processes = {run: start(run) for run in self.runs}
        self.each(lambda run: run.finish(processes[run]), processes)


# --- The steps ------------------------------------------------------------------------------------


def kill_in_the_middle(run: Run, numbers: Numbers) -> None:
    """Queue long jobs, and send SIGKILL while some are done, some running and some waiting."""
    run.start_workers()
    producer = run.produce("many", LONG_JOBS, numbers.long)
    wait_until(
        lambda: run.number_done(numbers.long_jobs) >= AT_ONCE,
        "the first long jobs are done",
        every=0.02,
    )
    run.finish(producer)
    time.sleep(KILLED_AFTER_SECONDS)
    run.kill_workers()
    done = run.number_done(numbers.long_jobs)
    assert done < numbers.long, f"All {done} long jobs were done before the kill."
    run.started_again = time.time()
    run.start_workers()


def await_recovery(everybody: Field, numbers: Numbers) -> None:
    """Return when each contender has done the long jobs, or PATIENCE_SECONDS are over for it."""

    def is_over(run: Run) -> bool:
        is_done = run.number_done(numbers.long_jobs) == numbers.long
        return is_done or time.time() - run.started_again > PATIENCE_SECONDS

    while not all(map(is_over, everybody.runs)):
        time.sleep(0.2)
    time.sleep(2 * LONG_SECONDS)  # for jobs that are being done a second time


def do_a_burst(run: Run, numbers: Numbers) -> None:
    """Queue all jobs, then start workers and wait until the jobs are done."""
    run.kill_workers()
    run.finish(run.produce("many", BURST_JOBS, numbers.burst))
    run.start_workers()
    wait_until(
        lambda: run.number_done(numbers.burst_jobs) == numbers.burst,
        f"{numbers.burst} jobs are done",
        seconds=STEP_SECONDS,
    )


def measure(everybody: Field, numbers: Numbers) -> None:
    """Take all steps; the journals record what happens."""
    ours = [run for run in everybody.runs if run.contender is OURS]
    peers = [run for run in everybody.runs if run.contender is not OURS]
    everybody.together(Run.migrate)
    everybody.each(lambda run: kill_in_the_middle(run, numbers), peers)
    # The peers now wait for the dead workers' jobs, which needs no processor.
    everybody.each(lambda run: do_a_burst(run, numbers), ours)
    everybody.each(Run.kill_workers, ours)
    everybody.each(lambda run: kill_in_the_middle(run, numbers), ours)
    await_recovery(everybody, numbers)
    everybody.together(lambda run: run.produce("left"))
    everybody.each(lambda run: do_a_burst(run, numbers), peers)
    # Side by side: the workers sleep for nearly all of this.
    everybody.together(lambda run: run.produce("singly", SINGLE_JOBS, numbers.singles))


@contextmanager
def gathered() -> Iterator[Field]:
    """All contenders that can take part; leaves nothing of them behind."""
    with tempfile.TemporaryDirectory() as folder:
        contenders, sentences = available(EVERYBODY)
        everybody = Field([Run(who, Path(folder) / who.settings) for who in contenders], sentences)
        try:
            yield everybody
        finally:
            for run in everybody.runs:
                run.clear()


# --- The report -----------------------------------------------------------------------------------


def speed(everybody: Field, numbers: Numbers) -> Table:
    """The latency of single jobs, and the jobs done per second."""
    figures = {}
    for run in everybody.runs:
        entries = run.entries()
        latencies = findings.latencies(entries, numbers.single_jobs)
        figures[run.contender] = (
            statistics.median(latencies) * 1000,
            statistics.quantiles(latencies, n=20)[-1] * 1000,
            findings.per_second(entries, numbers.burst_jobs),
        )
    base = figures.get(DJANGO_Q2)
    rows: list[Sequence[Cell]] = [
        (
            *(named(who), median, median / base[0] if base else "", p95),
            *(rate, rate / base[2] if base else ""),
        )
        for who, (median, p95, rate) in figures.items()
    ]
    columns = (
        *("queue", "pick-up, median, ms", "× django-q2", "pick-up, 95 %, ms"),
        *("jobs per second", "× django-q2"),
    )
    return Table(columns, rows)


def after_the_kill(everybody: Field, numbers: Numbers) -> Table:
    rows: list[Sequence[Cell]] = []
    for run in everybody.runs:
        found = findings.recovery(run.entries(), numbers.long_jobs, run.started_again)
        recovered = "never" if found.seconds is None else found.seconds
        rows.append(
            (named(run.contender), recovered, found.jobs - found.done, found.doubles, run.left())
        )
    columns = ("queue", "all done after, s", "not done", "done twice", "left in the queue")
    return Table(columns, rows)


def named(contender: Contender) -> str:
    return f"{contender.name} {contender.version()}" if contender is not OURS else contender.name


METHOD = """\
Pick-up: {single} jobs are queued one at a time, at random moments. The time runs from the commit
(for Redis: from the broker's answer) to the line in which the job reports that it begins. All
queues run side by side, since their workers sleep for nearly all of that time. Jobs per second:
{burst} jobs that do nothing are queued before a worker is started. The time runs from the first
one's beginning to the last one's end, for one queue after another. The kill: {long} jobs of
{seconds:g} s are queued, of which {at_once} may run at once. {kill:g} s after the first {at_once}
are done, every process is killed with SIGKILL, and a worker is started at once. The time runs from
that start until all are done; two to three seconds of it are the jobs' own. What is not done after
{patience:g} s counts as not done. Django's database is SQLite with the product's options, and a
file for each queue; workers that ask a database look every {poll:g} s. All of this was measured
once, on this machine alone: whatever else it did meanwhile is in the figures."""

CAVEATS = """\
A job of ours is a lookup, which is more than the others' jobs: its row is claimed with a lease, an
attempt is logged when it begins and when it ends, and a gate that all workers share is asked before
it and informed after it. Each of these is a transaction. Lookups begin one by one, as the gate
allows; with the product's own interval that is one in 5 s, so it has no use for the speed of the
others. A browser's start and its page are left out. Redis notifies Celery, which need not ask a
database. The fastest queues are through with their burst in a second or two, so their rates vary
most from one run to the next.

After the kill, ours knows dead workers of its own machine by their processes, and takes back at its
start what they held; if the system has not cleared those processes away by then, at its next look,
5 s later. What a worker on another machine held waits for the lease, as with the others. Celery by
default forgets what was under way; according to its documentation, what was fetched and not begun
comes back when `visibility_timeout` is over. django-tasks-db leaves what was under way marked as
running. The jobs are short compared to the lease: according to their documentation, django-q2 cuts
off a job that takes longer than `timeout`, and Celery with late acks begins a job that takes longer
than `visibility_timeout` a second time while the first goes on. django-ox renews the lease, as ours
does."""


def section(burst: int = 1000, singles: int = 100, long: int = 12) -> Section:
    """Takes about two minutes; leaves no process and no key behind."""
    numbers = Numbers(burst, singles, long)
    with gathered() as everybody:
        measure(everybody, numbers)
        parts: list[Table | Plot | str] = [
            speed(everybody, numbers),
            after_the_kill(everybody, numbers),
            "\n".join(f"* {named(r.contender)}: {r.contender.is_set_to}." for r in everybody.runs),
            *everybody.sentences,
            CAVEATS,
        ]
    method = METHOD.format(
        single=singles,
        burst=burst,
        long=long,
        seconds=LONG_SECONDS,
        at_once=AT_ONCE,
        kill=KILLED_AFTER_SECONDS,
        patience=PATIENCE_SECONDS,
        poll=POLL_SECONDS,
    )
    return Section("Beside other queues", method, parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--burst", type=int, default=1000, help="jobs queued at once")
    parser.add_argument("--singles", type=int, default=100, help="jobs one after another")
    parser.add_argument("--long", type=int, default=12, help="jobs of a second, before the kill")
    report.show(section(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
