"""How near lookups come to the limit that the interval sets, and what they cost.

A line that never empties, one worker, the simulator, real Chromium. What is counted is what ended
in a window after the first answers: lookups per second, as a share of the one that the interval
allows. The baseline is how everybody writes it first: one after another, each on a fresh page, the
interval slept after each.

By default times are a fifth of what they stand for: a visit per second for one per five, captchas
of 1, 4 and 9 s for 5, 20 and 45. A page's own time is not shortened by that, so the shares are what
a machine five times as slow would reach. `--scale 1` takes the times as they are.
"""

import argparse
import itertools
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
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
SCALE = 0.2
WINDOW = 10.0
"""Intervals in which answers are counted."""
FEWEST_ANSWERS = 4
"""Answers that a rate is measured over, at the least."""
HEADLESS_SHELL = "/usr/bin/chromium-headless-shell"
PASSING_FAILURES = (80, 81, 82, 84, 85)
"""Endings of cédulas that fail once and are found then; 83 would have everybody pause."""


@dataclass
class Watch:
    """What a process tree takes: memory every half second, processor time over all of it."""

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
        while not self._stop.wait(0.5):
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


def measure(
    latency: float,
    concurrency: int,
    interval: float,
    *,
    failing: float = 0.0,
    window: float = WINDOW,
    chromium: str = "",
) -> Figures:
    """Run a worker until its window is over; `window` in intervals, other times in seconds.

    Where few at once wait long, the window lasts until some have their answers.
    """
    window = max(window, FEWEST_ANSWERS * (latency / interval + 1) / concurrency)
    lead_in = 2 * interval + latency
    count = round(window + lead_in / interval) + 2 * concurrency + 10
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stack(
            Path(folder),
            LOG_LEVEL="WARNING",
            LOOKUP_INTERVAL_SECONDS=str(interval),
            LOOKUP_TIMEOUT_SECONDS="180",
            LOOKUP_CONCURRENCY=str(concurrency),
            TWOCAPTCHA_POLLING_SECONDS=str(min(interval, 5.0)),
            RETRY_DELAYS_SECONDS="0.5,1,1",
            **({"CHROMIUM_PATH": chromium} if chromium else {}),
        ) as stack,
    ):
        stack.start_simulator(captcha_latency=latency)
        stack.register(*numbers(count, failing))
        worker = stack.start_worker()
        wait_until(lambda: answers(stack), "the first answer", seconds=120 + latency)
        sent, began = sent_on_loopback(), time.time()
        with Watch(worker.pid) as watch:
            time.sleep(window * interval)
        sent, ended = sent_on_loopback() - sent, time.time()
        log = stack.simulator_log()
        [paid] = stack.query("SELECT sum(solves_paid) AS number FROM census_lookupattempt")
        every = answers(stack)
        stack.kill()
    visits = [visit["epoch"] for visit in log["visits"]]
    counted = [moment for moment in answered_at(log) if began <= moment < ended]
    return Figures(
        share=rate(counted) * interval,
        spacing=min(b - a for a, b in itertools.pairwise(visits)) / interval,
        solves=paid["number"] / every,
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


def rate(moments: Sequence[float]) -> float:
    """Per second, from the first to the last."""
    return (len(moments) - 1) / (moments[-1] - moments[0])


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
                url=simulator.url_a,
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

MOST_AT_ONCE = {5.0: 4, 20.0: 12, 45.0: 16}
"""Beyond these, more places change nothing: the line is at the limit."""


def section(scale: float = SCALE, window: float = WINDOW) -> Section:
    interval = INTERVAL * scale
    shares: dict[float, list[tuple[float, float]]] = {}
    rows: list[list[str | float]] = []
    for latency in LATENCIES:
        baseline = one_after_another(latency * scale, interval, window)
        rows.append([f"{latency:g} s, one after another", baseline, "", "", "", "", ""])
        for concurrency in CONCURRENCIES:
            if concurrency > MOST_AT_ONCE[latency]:
                break
            found = measure(latency * scale, concurrency, interval, window=window)
            shares.setdefault(latency, []).append((concurrency, found.share))
            rows.append([f"{latency:g} s, {concurrency} at once", *columns(found)])
    failing = measure(20.0 * scale, 8, interval, failing=0.1, window=window)
    rows.append(["20 s, 8 at once, every tenth fails once", *columns(failing)])
    if Path(HEADLESS_SHELL).exists():
        shell = measure(20.0 * scale, 8, interval, window=window, chromium=HEADLESS_SHELL)
        rows.append(["20 s, 8 at once, chromium-headless-shell", *columns(shell)])
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
                {f"captcha of {latency:g} s": points for latency, points in shares.items()},
            ),
        ],
    )


def columns(found: Figures) -> list[str | float]:
    return [found.share, found.spacing, found.solves, found.cpu, found.kib, found.memory]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=SCALE, help="of all times but a page's own")
    parser.add_argument("--window", type=float, default=WINDOW, help="intervals")
    parser.add_argument("--latency", type=float, help="one run, with a captcha of these seconds")
    parser.add_argument("--concurrency", type=int, default=8, help="for one run")
    arguments = parser.parse_args()
    if arguments.latency is None:
        show(section(arguments.scale, arguments.window))
        return
    found = measure(
        arguments.latency * arguments.scale,
        arguments.concurrency,
        INTERVAL * arguments.scale,
        window=arguments.window,
    )
    for name, value in asdict(found).items():
        print(f"{name:12} {value:9.3f}")


if __name__ == "__main__":
    main()
