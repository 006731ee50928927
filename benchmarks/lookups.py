"""How near lookups come to the rate that the interval allows, and what they cost.

One worker, the simulator and real Chromium work on a queue that never empties. Counted are the
lookups per second that ended in a window after the first answers, as a share of the one lookup per
interval that is allowed. The baseline is the simple program that does one lookup after another,
each on a fresh page, and sleeps for the interval after each.

By default all times are 0.16 of what they stand for: a visit per 0.8 s stands for one per 5 s, and
captchas of 0.8, 3.2 and 7.2 s for 5, 20 and 45 s. A page's own time is not shortened, so the shares
are what a machine six times as slow would reach. `--scale 1` takes the times as they are.
"""

import argparse
import itertools
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil

from benchmarks.report import Plot, Section, Table, show
from scraper.config import ScraperConfig, SolverConfig
from scraper.registraduria import RegistraduriaScraper
from scraper.simulator import Simulator
from tests.stack import Stack, family, running_stack, wait_until

MIB = 1024 * 1024
INTERVAL = 5.0
LATENCIES = (5.0, 20.0, 45.0)
CONCURRENCIES = (1, 2, 4, 8, 12, 16)
SCALE = 0.16
WINDOW = 10.0
"""Intervals in which answers are counted."""
FEWEST_ANSWERS = 4
"""Answers of the baseline, at the least."""
HEADLESS_SHELL = "/usr/lib/chromium/chromium-headless-shell"
PASSING_FAILURES = (80, 81, 82, 84, 85)
"""Endings of cédulas that fail once and are found then; 83 would have everybody pause."""


@dataclass
class Watch:
    """What a process tree takes: memory every second, processor time over all of it."""

    pid: int
    memory: list[float] = field(default_factory=list)
    """MiB, shared pages counted once (PSS)."""
    _cpu: dict[int, float] = field(default_factory=dict)
    """Seconds by process; one that ended counts as it was seen last."""
    _before: dict[int, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._look()
        self._before = dict(self._cpu)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def cpu_seconds(self) -> float:
        return sum(self._cpu.values()) - sum(self._before.values())

    def _watch(self) -> None:
        while not self._stop.wait(1.0):
            self._look()

    def _look(self) -> None:
        total = 0
        for member in family(self.pid):
            try:
                total += member.memory_full_info().pss
                times = member.cpu_times()
            except psutil.Error:  # it has ended
                continue
            self._cpu[member.pid] = times.user + times.system
        self.memory.append(total / MIB)


@dataclass(frozen=True)
class Run:
    """A worker that is measured."""

    concurrency: int
    chromium: str = ""
    """Its path; '' for the one that the product finds."""

    def __str__(self) -> str:
        browser = f", {Path(self.chromium).name}" if self.chromium else ""
        return f"{self.concurrency} at once{browser}"


DEFAULT = Run(ScraperConfig(url="").concurrency)
"""As where nobody sets LOOKUP_CONCURRENCY."""


@dataclass(frozen=True)
class Figures:
    """What one run came to."""

    share: float
    """Of the limit."""
    spacing: float
    """The least time between two visits, in intervals."""
    solves: float
    """Captchas paid, for an answer."""
    cpu: float
    """Seconds for an answer."""
    kib: float
    """Sent and received on loopback, for an answer; the database is a file."""
    memory: float
    """MiB at the most."""
    late_memory: float
    """The median of the run's last quarter, over that of its second."""


def numbers(count: int, failing: float) -> list[str]:
    """Cédulas that are found; the share `failing` of them at the second try."""
    bases = [str(10_200_000 + number) for number in range(count)]
    if not failing:
        return [f"{base}11" for base in bases]
    every = round(1 / failing)
    endings = itertools.cycle(PASSING_FAILURES)
    return [
        f"{base}{next(endings) if at % every == 0 else 11}"
        for at, base in enumerate(bases, start=1)
    ]


@contextmanager
def waiting_line(latency: float, interval: float, people: Sequence[str]) -> Iterator[Stack]:
    """A stack with a simulator, and these people in the line."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stack(
            Path(folder),
            LOG_LEVEL="WARNING",
            LOOKUP_INTERVAL_SECONDS=str(interval),
            LOOKUP_TIMEOUT_SECONDS="180",
            TWOCAPTCHA_POLLING_SECONDS=str(min(interval, 5.0)),
            RETRY_DELAYS_SECONDS="0.5,1,1",
        ) as stack,
    ):
        stack.start_simulator(captcha_latency=latency)
        stack.register(*people)
        yield stack
        stack.kill()


def intervals_to_watch(concurrency: int, latency: float, interval: float, window: float) -> float:
    """`window`, or more where so few places answer in bursts: a cycle of them, and two more."""
    cycle = latency / interval + 1.5  # with what a page takes
    if concurrency > cycle:
        return window
    return max(window, cycle * (concurrency + 2) / concurrency)


def measure(
    runs: Sequence[Run], latency: float, interval: float, window: float, *, failing: float = 0.0
) -> list[Figures]:
    """Have one worker after another work at the same line; `window` in intervals.

    `failing` is the share of people who are found at the second try alone.
    """
    watched = [intervals_to_watch(run.concurrency, latency, interval, window) for run in runs]
    needed = sum(
        # Those of the lead-in and of the window, and those in flight at its end.
        round(intervals + 2 + latency / interval) + 2 * run.concurrency + 10
        for run, intervals in zip(runs, watched, strict=True)
    )
    with waiting_line(latency, interval, numbers(needed, failing)) as stack:
        return [
            measure_at(stack, run, latency, interval, intervals)
            for run, intervals in zip(runs, watched, strict=True)
        ]


def measure_at(
    stack: Stack, run: Run, latency: float, interval: float, intervals: float
) -> Figures:
    """What a new worker comes to at this line in so many intervals after its first answer.

    It also does what one before it had in flight when it was killed.
    """
    had, started = answers(stack), time.time()
    [before] = stack.query("SELECT max(id) AS last FROM census_lookupattempt")
    chosen = {"CHROMIUM_PATH": run.chromium} if run.chromium else {}
    worker = stack.start_worker(LOOKUP_CONCURRENCY=str(run.concurrency), **chosen)
    wait_until(lambda: answers(stack) > had, "the first answer", seconds=120 + latency)
    sent, began = sent_on_loopback(), time.time()
    with Watch(worker.pid) as watch:
        time.sleep(intervals * interval)
    sent, ended = sent_on_loopback() - sent, time.time()
    log = stack.simulator_log()
    ends = stack.query(
        "SELECT outcome, solves_paid FROM census_lookupattempt"
        f" WHERE id > {before['last'] or 0} AND outcome <> ''"
    )
    stack.kill_worker(worker)
    visits = [visit["epoch"] for visit in log["visits"] if visit["epoch"] >= started]
    counted = [moment for moment in answered_at(log) if began <= moment < ended]
    return Figures(
        share=rate(counted, run.concurrency) * interval,
        spacing=min(b - a for a, b in itertools.pairwise(visits)) / interval,
        solves=sum(end["solves_paid"] for end in ends)
        / sum(end["outcome"] == "ACTIVE" for end in ends),
        cpu=watch.cpu_seconds / len(counted),
        kib=sent / 1024 / len(counted),
        memory=max(watch.memory),
        late_memory=growth(watch.memory),
    )


def answers(stack: Stack) -> int:
    """How many have theirs."""
    return stack.statuses()["ACTIVE"]


def answered_at(log: dict[str, Any]) -> list[float]:
    """When the census answered somebody, in seconds since the epoch."""
    return sorted(asked["epoch"] for asked in log["questions"] if asked["outcome"] == "found")


def rate(moments: Sequence[float], places: int = 1) -> float:
    """Per second, over whole cycles: few places answer one after another, and then all wait.

    Where no cycle has ended, it is from the first moment to the last.
    """
    step = (len(moments) - 1) // places * places or len(moments) - 1
    return step / statistics.mean(b - a for a, b in zip(moments, moments[step:], strict=False))


def growth(values: Sequence[float]) -> float:
    """The median of the last quarter, over that of the second."""
    quarter = len(values) // 4
    return statistics.median(values[-quarter:]) / statistics.median(values[quarter : 2 * quarter])


def sent_on_loopback() -> int:
    """Bytes, by everybody on this machine: pages, captchas, and nothing else where it is quiet."""
    return psutil.net_io_counters(pernic=True)["lo"].bytes_sent


def one_after_another(latency: float, interval: float, window: float = WINDOW) -> float:
    """The share of the limit that the baseline reaches, in about `window` intervals."""
    with (
        Simulator(captcha_latency=latency) as simulator,
        RegistraduriaScraper(
            ScraperConfig(
                url=simulator.page_url("A"),
                interval_seconds=0.001,  # it keeps its own
                timeout_seconds=180.0,
                solver=SolverConfig(
                    "2captcha", "demo", simulator.url, polling_seconds=min(interval, 5.0)
                ),
            )
        ) as scraper,
    ):
        scraper.scrape_cedula("1020304011")  # with which the browser has started
        until = time.monotonic() + window * interval
        for done, cedula in enumerate(numbers(1000, 0.0), start=1):
            time.sleep(interval)
            scraper.scrape_cedula(cedula)
            if time.monotonic() > until and done >= FEWEST_ANSWERS:
                break
        return rate(answered_at(simulator.log())) * interval


# --- The report ---------------------------------------------------------------------------------

MOST_AT_ONCE = {5.0: 2, 20.0: 12, 45.0: 16}
"""Beyond these, more places change nothing: the line is at the limit."""
MOST_SIDE_BY_SIDE = {5.0: 0, 20.0: 1, 45.0: 2}
"""Up to so many wait for nearly all of their time: they are measured beside each other, and beside
the baselines."""


def section(scale: float = SCALE, window: float = WINDOW) -> Section:
    interval = INTERVAL * scale

    def measured(latency: float, *runs: Run) -> dict[Run, Figures]:
        return dict(zip(runs, measure(runs, latency * scale, interval, window), strict=True))

    with ThreadPoolExecutor(max_workers=4) as side_by_side:  # the longest ones first
        longest_first = sorted(LATENCIES, reverse=True)
        waiting = {
            latency: [
                side_by_side.submit(measured, latency, Run(concurrency))
                for concurrency in CONCURRENCIES
                if concurrency <= MOST_SIDE_BY_SIDE[latency]
            ]
            for latency in longest_first
        }
        baselines = {
            latency: side_by_side.submit(one_after_another, latency * scale, interval, window)
            for latency in longest_first
        }
    rows: list[list[str | float]] = []
    lines: dict[str, list[tuple[float, float]]] = {}
    for latency in LATENCIES:
        alone = [
            Run(concurrency)
            for concurrency in CONCURRENCIES
            if MOST_SIDE_BY_SIDE[latency] < concurrency <= MOST_AT_ONCE[latency]
        ]
        if latency == max(LATENCIES) and Path(HEADLESS_SHELL).exists():
            alone.append(Run(8, HEADLESS_SHELL))
        baseline = baselines[latency].result()
        rows.append([f"{latency:g} s, one after another", baseline, "", "", "", "", ""])
        found = {run: figures for one in waiting[latency] for run, figures in one.result().items()}
        rows += [
            [f"{latency:g} s, {run}", *columns(figures, is_alone=False)]
            for run, figures in found.items()
        ]
        by_itself = measured(latency, *alone)
        rows += [[f"{latency:g} s, {run}", *columns(figures)] for run, figures in by_itself.items()]
        lines[f"captcha of {latency:g} s"] = [
            (run.concurrency, figures.share)
            for run, figures in (found | by_itself).items()
            if not run.chromium
        ]
    [failing] = measure([DEFAULT], 20.0 * scale, interval, 2 * window, failing=0.1)
    rows.append([f"20 s, {DEFAULT}, every tenth fails once", *columns(failing)])
    return Section(
        "Lookups",
        f"{' '.join((__doc__ or '').split())} Measured at {interval:g} s between visits, and"
        f" {window:g} of these intervals each.",
        [
            Table(
                [
                    "captcha, lookups at once",
                    "share of the limit",
                    "least gap / interval",
                    "solves per answer",
                    "CPU s per answer",
                    "KiB per answer",
                    "PSS, MiB",
                ],
                rows,
            ),
            Plot(
                "lookups",
                "lookups at once",
                "share of the limit",
                lines,
            ),
        ],
    )


def columns(found: Figures, *, is_alone: bool = True) -> list[str | float]:
    """Of the table. Beside others nobody knows whose the network is, and browsers share memory."""
    shared = [found.kib, found.memory] if is_alone else ["", ""]
    return [found.share, found.spacing, found.solves, found.cpu, *shared]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=SCALE, help="of all times but a page's own")
    parser.add_argument("--window", type=float, default=WINDOW, help="intervals")
    parser.add_argument("--latency", type=float, help="one run, with a captcha of these seconds")
    parser.add_argument("--concurrency", type=int, default=DEFAULT.concurrency, help="for one run")
    parser.add_argument("--chromium", default="", help="for one run: the browser's path")
    arguments = parser.parse_args()
    if arguments.latency is None:
        show(section(arguments.scale, arguments.window))
        return
    [found] = measure(
        [Run(arguments.concurrency, arguments.chromium)],
        arguments.latency * arguments.scale,
        INTERVAL * arguments.scale,
        arguments.window,
    )
    for name, value in asdict(found).items():
        print(f"{name:12} {value:9.3f}")


if __name__ == "__main__":
    main()
