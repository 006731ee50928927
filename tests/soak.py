"""Many lookups with random faults: `make soak` makes 2,000, the suite a hundred.

A worker runs with Chromium against the simulator, one visit per 0.2 s. Every few seconds there is a
fault for a while, chosen by a seed: the census is down, slow, changed, blocks or answers garbage;
the captcha service is down, flaky or refuses; the browser, one of its pages or its driver is killed
or hangs. In the end every lookup has an answer or a failure that can be retried, and the worker
uses no more memory and no more descriptors than before.
"""

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import psutil
import requests

from census.states import FAILED, SETTLED
from tests.cluster import chromiums, command_of, drivers
from tests.stack import Stack, family, running_stack, wait_until

FIRST_CEDULA = 1_040_000_000
"""The last digits, which decide how the simulator answers, take all values in turn."""
MIB = 1024 * 1024
SAMPLE_SECONDS = 1.0
GROWTH_ALLOWED = 1.1
BETWEEN_FAULTS = (4.0, 12.0)
"""Seconds, at least and at most."""
FAULT_LASTS = (1.0, 3.0)
"""Seconds, at least and at most."""
ENDED = SETTLED | FAILED


@dataclass(frozen=True)
class Sample:
    """A measurement of the worker's processes."""

    ended: int
    """Lookups that had ended."""
    memory_mib: float
    """Proportional set size: shared pages count once."""
    descriptors: int
    """Open in its Python processes; a browser's come and go with its pages."""


@dataclass(frozen=True)
class Outcome:
    """The result of a run."""

    statuses: Counter[str]
    faults: Counter[str]
    samples: Sequence[Sample]
    seconds: float
    open_attempts: int
    """Attempts in the log without an end; must be none after the run."""
    solves: int

    def quarter(self, number: int) -> list[Sample]:
        """The samples of one quarter of the lookups, 1 to 4."""
        total = sum(self.statuses.values())
        return [s for s in self.samples if (number - 1) * total <= 4 * s.ended < number * total]

    def growth(self, of: Callable[[Sample], float]) -> float:
        """The median of the last quarter, divided by that of the second."""
        last, second = (statistics.median(map(of, self.quarter(n))) for n in (4, 2))
        return last / second


def soak(folder: Path, lookups: int, seed: int, server: str | None = None) -> Outcome:
    """Make so many lookups, with the faults that `seed` chooses."""
    with running_stack(folder, server, LOG_LEVEL="WARNING") as stack:
        stack.start_simulator(captcha_latency=0.5)
        stack.register(*map(str, range(FIRST_CEDULA, FIRST_CEDULA + lookups)))
        began = time.monotonic()
        worker = stack.start_worker()
        wait_until(lambda: stack.simulator_log()["visits"], "the worker looks somebody up")
        with troubled(stack, worker, seed) as faults, watched(stack, worker) as samples:
            wait_until(
                lambda: ended(stack) == lookups or worker.poll() is not None,
                "everybody has an end",
                seconds=120 + 3.0 * lookups,
                every=1.0,
            )
        assert worker.poll() is None, f"the worker ended: {stack.log('worker')[-2000:]}"
        [lines] = stack.query(
            "SELECT sum(CASE WHEN ended_at IS NULL THEN 1 ELSE 0 END) AS running,"
            " sum(solves_paid) AS solves FROM census_lookupattempt"
        )
        return Outcome(
            statuses=stack.statuses(),
            faults=faults,
            samples=samples,
            seconds=time.monotonic() - began,
            open_attempts=lines["running"],
            solves=lines["solves"],
        )


def ended(stack: Stack) -> int:
    statuses = stack.query("SELECT status, count(*) AS number FROM census_cedulainfo GROUP BY 1")
    return sum(row["number"] for row in statuses if row["status"] in ENDED)


@contextmanager
def in_background(work: Callable[[], None], over: threading.Event) -> Iterator[None]:
    """Run `work` in a thread; at the end of the block set `over`, and wait for it."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


# --- Faults -------------------------------------------------------------------------------------

Fault = Callable[[float], None]
"""Causes a fault, and ends it after so many seconds unless the product must."""


@contextmanager
def troubled(stack: Stack, worker: Popen[bytes], seed: int) -> Iterator[Counter[str]]:
    """Cause faults in turn until the end of the block; yields the count of each."""
    made: Counter[str] = Counter()
    over = threading.Event()
    choose = random.Random(seed)
    kinds = faults_of(stack, worker, over)

    def make_trouble() -> None:
        while not over.wait(choose.uniform(*BETWEEN_FAULTS)):
            name = choose.choice(sorted(kinds))
            kinds[name](choose.uniform(*FAULT_LASTS))
            made[name] += 1

    with in_background(make_trouble, over):
        yield made


def faults_of(stack: Stack, worker: Popen[bytes], over: threading.Event) -> dict[str, Fault]:
    """{name: fault}; a fault that lasts ends early when `over` is set."""

    def set_for(seconds: float, name: str, bad: str, good: str) -> None:
        control(stack, **{name: bad})
        over.wait(seconds)
        control(stack, **{name: good})

    def site(mode: str) -> Fault:
        return lambda seconds: set_for(seconds, "mode", mode, "ok")

    def service(failure: str) -> Fault:
        return lambda seconds: set_for(seconds, "captcha_failure", failure, "none")

    def kill(find: Find) -> Fault:
        return lambda _: signal_to(find(worker), psutil.Process.kill)

    def hang(find: Find) -> Fault:
        # It is not resumed: a browser that does not answer is replaced.
        return lambda _: signal_to(find(worker), psutil.Process.suspend)

    return {
        **{f"census: {mode}": site(mode) for mode in CENSUS_MODES},
        **{f"captcha service: {failure}": service(failure) for failure in SERVICE_FAILURES},
        **{f"{name} killed": kill(find) for name, find in VICTIMS.items()},
        **{f"{name} hangs": hang(find) for name, find in VICTIMS.items()},
    }


CENSUS_MODES = ("blocked", "changed", "down", "garbage", "maintenance", "slow")
SERVICE_FAILURES = ("down", "flaky", "no_slot", "refused", "unsolvable")

Find = Callable[[Popen[bytes]], list[psutil.Process]]


def pages(worker: Popen[bytes]) -> list[psutil.Process]:
    return [process for process in family(worker.pid) if "--type=renderer" in command_of(process)]


VICTIMS: dict[str, Find] = {"browser": chromiums, "driver": drivers, "page": pages}


def signal_to(found: Sequence[psutil.Process], send: Callable[[psutil.Process], None]) -> None:
    for process in found[:1]:  # none while a browser is being replaced
        with suppress(psutil.NoSuchProcess):
            send(process)


def control(stack: Stack, **changes: str) -> None:
    requests.post(f"{stack.simulator_url}/_control", json=changes, timeout=10).raise_for_status()


# --- Memory and descriptors ---------------------------------------------------------------------


@contextmanager
def watched(stack: Stack, worker: Popen[bytes]) -> Iterator[list[Sample]]:
    """Take samples of the worker's processes until the end of the block."""
    samples: list[Sample] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(SAMPLE_SECONDS):
            samples.append(sample(stack, worker))

    with in_background(watch, over):
        yield samples


def sample(stack: Stack, worker: Popen[bytes]) -> Sample:
    memory, descriptors = 0, 0
    for process in family(worker.pid):
        try:
            memory += process.memory_full_info().pss
            if "qcluster" in command_of(process):
                descriptors += process.num_fds()
        except psutil.Error:  # it has ended, or is about to
            continue
    return Sample(ended(stack), memory / MIB, descriptors)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lookups", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = soak(Path(folder), **vars(arguments))
    print(f"{arguments.lookups} lookups in {outcome.seconds:.0f} s, {outcome.solves} solves")
    for name, number in (*outcome.statuses.most_common(), *outcome.faults.most_common()):
        print(f"  {number:5} {name}")
    print(f"attempts without an end: {outcome.open_attempts}")
    growths = {
        "memory": outcome.growth(lambda one: one.memory_mib),
        "descriptors": outcome.growth(lambda one: one.descriptors),
    }
    for name, growth in growths.items():
        print(f"{name}, last quarter over the second: {growth:.3f}")
    largest = max(one.memory_mib for one in outcome.samples)
    print(f"largest memory of the worker's tree: {largest:.0f} MiB")
    if outcome.open_attempts or max(growths.values()) > GROWTH_ALLOWED:
        sys.exit(f"It does not hold: nothing may be open, nothing grow beyond {GROWTH_ALLOWED}.")


if __name__ == "__main__":
    main()
