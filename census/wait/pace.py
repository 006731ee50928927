"""The present pace of lookups, measured from the attempt log."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.conf import settings

from census.models import STAGE_FIELDS, LookupAttempt
from census.states import SETTLED
from census.wait.forecast import TYPICAL, Course, Pace, until_answer

RECENT = 10
"""Answers from which a lookup's duration is measured. With more of them a machine that becomes
slower would show too late; the median of captchas that differ needs no more."""
VISITS = 6
"""Visits from which the gap is measured: even fewer, for the same reason."""
FEWEST_GAPS = 3
"""The least gaps to measure by; fewer may be chance."""

_MOMENTS = ("started_at", *STAGE_FIELDS.values(), "ended_at")


@dataclass(frozen=True, slots=True)
class Traffic:
    """The present pace, and the lookups in flight."""

    pace: Pace
    landings: list[float]
    """Seconds until each lookup in flight will end."""
    last_claim_at: datetime | None
    """None: there was never one."""


def traffic(clusters: int, now: datetime) -> Traffic:
    """The present traffic of so many living clusters; with none, one is assumed to be starting."""
    capacity = max(clusters, 1) * settings.Q_WORKERS * settings.LOOKUP_CONCURRENCY
    begun = list(
        LookupAttempt.objects.select_related("info")
        .only(*_MOMENTS, "info__next_attempt_at")
        .order_by("-started_at")[: capacity + VISITS]
    )
    courses = recent_courses()
    flights = [attempt for attempt in begun if attempt.ended_at is None]
    return Traffic(
        Pace(courses, _gap(begun), capacity),
        [seconds_left(flight, courses, now) or 0.0 for flight in flights],
        begun[0].started_at if begun else None,
    )


def seconds_left(flight: LookupAttempt, courses: Sequence[Course], now: datetime) -> float | None:
    """Seconds until the answer to a lookup in flight; None if it is overdue."""
    elapsed = _seconds(flight.stage_since, now)
    return until_answer(flight.stage, max(elapsed, 0.0), courses)


def recent_courses() -> list[Course]:
    """The courses of the last lookups that brought an answer, the last one first; never empty."""
    answered = LookupAttempt.objects.filter(outcome__in=SETTLED).order_by("-ended_at")
    courses = [_course(attempt) for attempt in answered.only(*_MOMENTS)[:RECENT]]
    return [course for course in courses if course] or [TYPICAL]


def _course(attempt: LookupAttempt) -> Course | None:
    started, ended, opening = attempt.started_at, attempt.ended_at, attempt.opening_at
    if ended is None:
        return None
    if opening is None or attempt.reading_at is None:  # logged by a release without stages
        return TYPICAL.stretched_to(_seconds(started, ended))
    solving = attempt.solving_at or attempt.reading_at  # the page may have no captcha
    return Course(
        waiting=_seconds(started, opening),
        opening=_seconds(opening, solving),
        solving=_seconds(solving, attempt.reading_at),
        reading=_seconds(attempt.reading_at, ended),
    )


def _gap(begun: Iterable[LookupAttempt]) -> float:
    """Median seconds between the last visits, counting pairs whose second lookup had to wait."""
    visits = sorted(
        (attempt.opening_at, attempt.info.next_attempt_at)
        for attempt in begun
        if attempt.opening_at is not None
    )
    gaps = [
        _seconds(earlier, later)
        for (earlier, _), (later, due_at) in itertools.pairwise(visits[-VISITS:])
        if due_at <= earlier
    ]
    interval: float = settings.LOOKUP_INTERVAL_SECONDS
    return max(interval, median(gaps)) if len(gaps) >= FEWEST_GAPS else interval


def _seconds(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds()


def typical_lookup_seconds() -> float:
    """Median seconds from claim to answer, over the last attempts that brought one."""
    return median(course.total for course in recent_courses())
