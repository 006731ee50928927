"""The cédulas of a run, and the rate at which the census answered."""

import itertools
import statistics
from collections.abc import Sequence
from typing import Any

PASSING_FAILURES = (80, 81, 82, 84, 85)
"""Endings of cédulas that fail once and are then found; 83 would make all workers pause."""


def numbers(count: int, failing: float) -> list[str]:
    """Cédulas that are found, the share `failing` of them at the second try."""
    bases = [str(10_200_000 + number) for number in range(count)]
    if not failing:
        return [f"{base}11" for base in bases]
    every = round(1 / failing)
    endings = itertools.cycle(PASSING_FAILURES)
    return [
        f"{base}{next(endings) if at % every == 0 else 11}"
        for at, base in enumerate(bases, start=1)
    ]


def intervals_to_watch(concurrency: int, latency: float, interval: float, window: float) -> float:
    """`window`, or longer if so low a concurrency answers in bursts: a cycle and two answers."""
    cycle = latency / interval + 1.5  # a page takes 1.5 intervals
    if concurrency > cycle:
        return window
    return max(window, cycle * (concurrency + 2) / concurrency)


def answered_at(log: dict[str, Any]) -> list[float]:
    """The moments at which the census answered, in seconds since the epoch."""
    return sorted(asked["epoch"] for asked in log["questions"] if asked["outcome"] == "found")


def rate(moments: Sequence[float], concurrency: int = 1) -> float:
    """Answers per second, over whole cycles of `concurrency` lookups.

    A few lookups at once answer one after another, and then all wait again. Without a whole cycle,
    from the first moment to the last.
    """
    step = (len(moments) - 1) // concurrency * concurrency or len(moments) - 1
    return step / statistics.mean(b - a for a, b in zip(moments, moments[step:], strict=False))
