"""The rate of lookups, as a share of what the interval allows, and the cost of each.

One worker, the simulator and real Chromium work on a queue that never empties. Counted are the
lookups per second that ended in a window after the first answers, as a share of the one lookup per
interval that is allowed. The baseline is the simple program that does one lookup after another,
each on a fresh page, and sleeps for the interval after each.

By default all times are scaled to 0.16: a visit per 0.8 s stands for one per 5 s, and captchas of
0.8, 3.2 and 7.2 s for 5, 20 and 45 s. A page's own time is not shortened, so the shares are what a
machine six times as slow would reach. `--scale 1` takes the times as they are.
"""

import argparse
import itertools
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.rates import answered_at, intervals_to_watch, numbers, rate
from benchmarks.report import Plot, Section, Table, show
from benchmarks.watch import Watch, late_growth, sent_on_loopback
from scraper.config import ScraperConfig, SolverConfig
from scraper.registraduria import RegistraduriaScraper
from scraper.simulator import Simulator
from tests.stack import Stack, running_stack, wait_until

INTERVAL = 5.0
LATENCIES = (5.0, 20.0, 45.0)
CONCURRENCIES = (1, 2, 4, 8, 12, 16)
SCALE = 0.16
WINDOW = 10.0
"""Intervals in which answers are counted."""
FEWEST_ANSWERS = 4
"""The least number of answers of the baseline."""
HEADLESS_SHELL = "/usr/lib/chromium/chromium-headless-shell"


@dataclass(frozen=True)
class Run:
    """The settings of a measured worker."""

    concurrency: int
    chromium: str = ""
    """Path of the browser; '' for the one that the product finds."""

    def __str__(self) -> str:
        browser = f", {Path(self.chromium).name}" if self.chromium else ""
        return f"{self.concurrency} at once{browser}"


DEFAULT = Run(ScraperConfig(url="").concurrency)
"""LOOKUP_CONCURRENCY's default."""


@dataclass(frozen=True)
class Figures:
    """The result of one run."""

    share: float
    """Rate of answers, as a share of the limit."""
    spacing: float
    """The least time between two visits, in intervals."""
    solves: float
    """Captchas paid per answer."""
    cpu: float
    """Seconds of processor time per answer."""
    kib: float
    """Sent and received on loopback per answer; the database is a file."""
    memory: float
    """The most memory, in MiB."""
    late_memory: float
    """Median memory of the run's last quarter, divided by that of its second."""


@contextmanager
def filled_queue(latency: float, interval: float, people: Sequence[str]) -> Iterator[Stack]:
    """A stack with a simulator, and these people's lookups due."""
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


def measure(
    runs: Sequence[Run], latency: float, interval: float, window: float, *, failing: float = 0.0
) -> list[Figures]:
    """Measure one worker after another on the same queue; `window` in intervals.

    `failing` is the share of people who are found only at the second try.
    """
    watched = [intervals_to_watch(run.concurrency, latency, interval, window) for run in runs]
    needed = sum(
        # Lookups of the lead-in and of the window, and those in flight at its end.
        round(intervals + 2 + latency / interval) + 2 * run.concurrency + 10
        for run, intervals in zip(runs, watched, strict=True)
    )
    with filled_queue(latency, interval, numbers(needed, failing)) as stack:
        return [
            measure_at(stack, run, latency, interval, intervals)
            for run, intervals in zip(runs, watched, strict=True)
        ]


def measure_at(
    stack: Stack, run: Run, latency: float, interval: float, intervals: float
) -> Figures:
    """Measure a new worker for so many intervals after its first answer.

    It also takes over the lookups that the worker before it had in flight when it was killed.
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
        late_memory=late_growth(watch.memory),
    )


def answers(stack: Stack) -> int:
    """The number of people who were found."""
    return stack.statuses()["ACTIVE"]


def one_after_another(latency: float, interval: float, window: float = WINDOW) -> float:
    """The baseline's share of the limit, over about `window` intervals."""
    with (
        Simulator(captcha_latency=latency) as simulator,
        RegistraduriaScraper(
            ScraperConfig(
                url=simulator.page_url("A"),
                interval_seconds=0.001,  # the loop below keeps the interval
                timeout_seconds=180.0,
                solver=SolverConfig(
                    "2captcha", "demo", simulator.url, polling_seconds=min(interval, 5.0)
                ),
            )
        ) as scraper,
    ):
        scraper.scrape_cedula("1020304011")  # starts the browser
        until = time.monotonic() + window * interval
        for done, cedula in enumerate(numbers(1000, 0.0), start=1):
            time.sleep(interval)
            scraper.scrape_cedula(cedula)
            if time.monotonic() > until and done >= FEWEST_ANSWERS:
                break
        return rate(answered_at(simulator.log())) * interval


# --- The report ---------------------------------------------------------------------------------

MOST_AT_ONCE = {5.0: 2, 20.0: 12, 45.0: 16}
"""{latency: concurrency}; with more, nothing changes: the rate is at the limit."""
MOST_SIDE_BY_SIDE = {5.0: 0, 20.0: 1, 45.0: 2}
"""{latency: concurrency}; runs with at most so much wait for nearly all of their time, so they are
measured beside each other and the baselines."""


HEADINGS = (
    "captcha, lookups at once",
    "share of the limit",
    "least gap / interval",
    "solves per answer",
    "CPU s per answer",
    "KiB per answer",
    "PSS, MiB",
)


def section(scale: float = SCALE, window: float = WINDOW) -> Section:
    interval = INTERVAL * scale
    side_by_side = measure_side_by_side(scale, window)
    rows: list[list[str | float]] = []
    lines: dict[str, list[tuple[float, float]]] = {}
    for latency in LATENCIES:
        baseline, found = side_by_side[latency]
        alone = runs_alone(latency)
        by_itself = dict(zip(alone, measure(alone, latency * scale, interval, window), strict=True))
        rows.append([f"{latency:g} s, one after another", baseline, "", "", "", "", ""])
        rows += [
            [f"{latency:g} s, {run}", *columns(figures, is_alone=False)]
            for run, figures in found.items()
        ]
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
        [Table(HEADINGS, rows), Plot("lookups", "lookups at once", "share of the limit", lines)],
    )


def measure_side_by_side(
    scale: float, window: float
) -> dict[float, tuple[float, dict[Run, Figures]]]:
    """{latency: (baseline's share, figures of the runs that only wait)}."""
    interval = INTERVAL * scale
    longest_first = sorted(LATENCIES, reverse=True)
    with ThreadPoolExecutor(max_workers=4) as side_by_side:
        waiting = {
            latency: {
                run: side_by_side.submit(measure, [run], latency * scale, interval, window)
                for run in map(Run, CONCURRENCIES)
                if run.concurrency <= MOST_SIDE_BY_SIDE[latency]
            }
            for latency in longest_first
        }
        baselines = {
            latency: side_by_side.submit(one_after_another, latency * scale, interval, window)
            for latency in longest_first
        }
    return {
        latency: (
            baselines[latency].result(),
            {run: figures.result()[0] for run, figures in waiting[latency].items()},
        )
        for latency in LATENCIES
    }


def runs_alone(latency: float) -> list[Run]:
    """The runs that need the whole machine."""
    alone = [
        Run(concurrency)
        for concurrency in CONCURRENCIES
        if MOST_SIDE_BY_SIDE[latency] < concurrency <= MOST_AT_ONCE[latency]
    ]
    if latency == max(LATENCIES) and Path(HEADLESS_SHELL).exists():
        alone.append(Run(8, HEADLESS_SHELL))
    return alone


def columns(found: Figures, *, is_alone: bool = True) -> list[str | float]:
    """A table row's figures. Runs side by side share network and memory, so those are left out."""
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
