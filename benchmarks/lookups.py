"""How near lookups come to the limit that the interval sets, and what they cost.

24 lookups, one worker, a captcha service that takes 20 s, one visit per 5 s: the ideal is
23 × 5 s + 20 s. Prints ratios to it; the spacing is taken from the site's own log. Measured on
real processes: the simulator, `qcluster`, Chromium.
"""

import argparse
import itertools
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil

from tests.stack import family, running_stack, wait_until

MIB = 1024 * 1024


@dataclass
class MemoryWatch:
    """The largest proportional set size of a process tree, in MiB, sampled every half second."""

    pid: int
    peak: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            self.peak = max(self.peak, tree_pss(self.pid))


def tree_pss(pid: int) -> float:
    """MiB that a process and its descendants hold, shared pages counted once."""
    total = 0
    for member in family(pid):
        try:
            total += member.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / MIB


def measure(count: int, interval: float, latency: float, concurrency: int) -> dict[str, Any]:
    """Run `count` lookups from an empty queue; figures by name."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stack(
            Path(folder),
            LOOKUP_INTERVAL_SECONDS=str(interval),
            LOOKUP_TIMEOUT_SECONDS="180",
            LOOKUP_CONCURRENCY=str(concurrency),
            TWOCAPTCHA_POLLING_SECONDS="5",
        ) as stack,
    ):
        stack.start_simulator(captcha_latency=latency)
        stack.register(*(f"10200{number:03}11" for number in range(count)))
        began = time.time()
        worker = stack.start_worker()
        with MemoryWatch(worker.pid) as memory:
            wait_until(
                lambda: stack.statuses()["ACTIVE"] == count,
                "every lookup has its answer",
                seconds=3 * count * interval + 120,
                every=1.0,
            )
        log = stack.simulator_log()
    visits = sorted(visit["epoch"] for visit in log["visits"])
    ended = max(question["epoch"] for question in log["questions"])
    ideal = (count - 1) * interval + latency
    return {
        "lookups": count,
        "share of the limit, from the first visit": ideal / (ended - visits[0]),
        "share of the limit, from the worker's start": ideal / (ended - began),
        "least gap / interval": min(b - a for a, b in itertools.pairwise(visits)) / interval,
        "solves per lookup": len(log["captchas"]) / count,
        "peak PSS of the worker's tree, MiB": memory.peak,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--interval", type=float, default=5.0, help="seconds")
    parser.add_argument("--latency", type=float, default=20.0, help="of the captcha, seconds")
    parser.add_argument("--concurrency", type=int, default=8)
    arguments = parser.parse_args()
    for name, value in measure(**vars(arguments)).items():
        print(f"{name:45} {value:9.3f}" if isinstance(value, float) else f"{name:45} {value:9}")


if __name__ == "__main__":
    main()
