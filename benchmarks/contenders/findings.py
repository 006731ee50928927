"""Figures from a journal: latency, jobs per second, recovery after the kill."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from benchmarks.contenders.journal import Entry, Event


@dataclass(frozen=True, slots=True)
class Recovery:
    """The outcome of jobs of which some were running when every process was killed."""

    done: int
    jobs: int
    doubles: int
    """Jobs that were done more than once."""
    seconds: float | None
    """From the new start until every job was done; None if some never were."""


def firsts(entries: Iterable[Entry], event: Event, jobs: Collection[int]) -> dict[int, float]:
    """{job: the first time of this event, in seconds since the epoch}."""
    found: dict[int, float] = {}
    for entry in entries:
        if entry.event is event and entry.job in jobs:
            found[entry.job] = min(entry.at, found.get(entry.job, entry.at))
    return found


def latencies(entries: Collection[Entry], jobs: Collection[int]) -> list[float]:
    """Seconds from queueing to beginning, for each job that began."""
    queued = firsts(entries, Event.QUEUED, jobs)
    began = firsts(entries, Event.BEGAN, jobs)
    return [began[job] - queued[job] for job in jobs if job in began and job in queued]


def per_second(entries: Collection[Entry], jobs: Collection[int]) -> float:
    """Jobs done per second, from the first one's beginning to the last one's end."""
    began = firsts(entries, Event.BEGAN, jobs)
    ended = firsts(entries, Event.ENDED, jobs)
    return len(ended) / (max(ended.values()) - min(began.values()))


def recovery(entries: Collection[Entry], jobs: Collection[int], started_again: float) -> Recovery:
    """Compare the journal with `jobs`. `started_again`: seconds since the epoch."""
    ended = firsts(entries, Event.ENDED, jobs)
    ends = Counter(entry.job for entry in entries if entry.event is Event.ENDED)
    return Recovery(
        done=len(ended),
        jobs=len(jobs),
        doubles=sum(ends[job] > 1 for job in jobs),
        seconds=max(ended.values()) - started_again if len(ended) == len(jobs) else None,
    )
