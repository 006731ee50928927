"""How several workers on one PostgreSQL keep the interval together, and share the work.

One, two and four `qcluster`s run, each with its own Chromium, against the simulator, whose log
records every visit. The cost of the gate is timed separately: reserving a slot and reporting it as
used are the two transactions that it adds to each lookup.
"""

import argparse
import itertools
import os
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.lookups import answered_at, numbers, rate
from benchmarks.report import Section, Table, show
from tests.stack import Stack, running_stack, wait_until
from tools.backends import BACKENDS, NotHere

CLUSTERS = (1, 2, 4)
INTERVAL = 1.0
LATENCY = 4.0
WINDOW = 12.0
"""Seconds."""
PEOPLE = 150
"""In the queue: more than all of them do."""
GATE_ROUNDS = 200
GATE = """
import statistics, time
from scraper.gate.visits import Gate, Slot
gate, times = Gate(0.000001), []
for _ in range({rounds}):
    time.sleep(0.012)  # the gate's own margin between two visits
    began = time.perf_counter()
    slot = gate.reserve()
    assert isinstance(slot, Slot), slot
    gate.visited(slot, 0.0)
    times.append(time.perf_counter() - began)
print(statistics.median(times) * 1000)
"""


def measure(stack: Stack, clusters: int) -> list[str | float]:
    """The report's row for so many clusters, which also do what killed ones before them left."""
    started = time.time()
    workers = [stack.start_worker(f"worker-{number}") for number in range(clusters)]
    at_work = (
        "SELECT count(DISTINCT worker) AS number FROM census_lookupattempt"
        f" WHERE started_at > to_timestamp({started})"
    )
    wait_until(lambda: stack.query(at_work)[0]["number"] == clusters, "all work", seconds=120)
    began = time.time()
    time.sleep(WINDOW)
    log = stack.simulator_log()
    lines = stack.query("SELECT worker, started_at FROM census_lookupattempt")
    for worker in workers:
        stack.kill_worker(worker)
    shares = Counter(line["worker"] for line in lines if line["started_at"].timestamp() >= began)
    visits = [visit["epoch"] for visit in log["visits"] if visit["epoch"] >= started]
    cedulas = [asked["cedula"] for asked in log["questions"] if asked["epoch"] >= started]
    return [
        clusters,
        rate([moment for moment in answered_at(log) if moment >= began]) * INTERVAL,
        min(b - a for a, b in itertools.pairwise(visits)) / INTERVAL,
        len(cedulas) - len(set(cedulas)),
        " / ".join(str(number) for _, number in shares.most_common()),
    ]


def gate_milliseconds(stack: Stack) -> float:
    """The median for one lookup, while nobody else asks."""
    return float(stack.manage("shell", "-v0", "-c", GATE.format(rounds=GATE_ROUNDS)))


def on_sqlite() -> float:
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder), "sqlite") as stack:
        return gate_milliseconds(stack)


def on_postgresql(server: str) -> tuple[float, list[list[str | float]]]:
    """What the gate costs there, and a row for each number of clusters."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stack(
            Path(folder),
            server,
            LOG_LEVEL="WARNING",
            LOOKUP_INTERVAL_SECONDS=str(INTERVAL),
            LOOKUP_TIMEOUT_SECONDS="180",
            TWOCAPTCHA_POLLING_SECONDS="1",
        ) as stack,
    ):
        gate = gate_milliseconds(stack)
        stack.start_simulator(captcha_latency=LATENCY)
        stack.register(*numbers(PEOPLE, 0.0))
        rows = [measure(stack, clusters) for clusters in CLUSTERS]
        stack.kill()
        return gate, rows


def section() -> Section:
    method = " ".join((__doc__ or "").split())
    backend = BACKENDS["postgres"]
    server = os.environ.get(backend.variable) or backend.default
    try:
        backend.require(server)
    except NotHere as problem:
        return Section("Several workers", method, [f"Not measured. {problem}"])
    gate, rows = on_postgresql(server)
    return Section(
        "Several workers",
        f"{method} A visit per {INTERVAL:g} s, captchas of {LATENCY:g} s, {WINDOW:g} s each.",
        [
            Table(
                [
                    "workers",
                    "share of the limit",
                    "least gap / interval",
                    "asked twice",
                    "lookups of each",
                ],
                rows,
            ),
            f"The gate costs a lookup {gate:.1f} ms on PostgreSQL, {on_sqlite():.1f} ms on SQLite.",
        ],
    )


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    show(section())


if __name__ == "__main__":
    main()
