"""How fast lookups go at present, read from the log of their attempts."""

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
"""Answers that tell how long a lookup takes. More of them would tell too late that a machine has
become slower; the middle of captchas that differ needs no more."""
VISITS = 6
"""That tell what comes between two; for a machine's sake even fewer."""
FEWEST_GAPS = 3
"""Between visits; fewer may be chance."""

_MOMENTS = ("started_at", *STAGE_FIELDS.values(), "ended_at")


@dataclass(frozen=True, slots=True)
class Traffic:
    """How fast things go, and what is in flight."""

    pace: Pace
    landings: list[float]
    """Seconds until each lookup in flight will end."""
    last_claim_at: datetime | None
    """None: there has been none."""


def traffic(clusters: int, now: datetime) -> Traffic:
    """As it is where so many clusters live; where none does, one is thought to be on its way."""
    places = max(clusters, 1) * settings.Q_WORKERS * settings.LOOKUP_CONCURRENCY
    begun = list(
        LookupAttempt.objects.select_related("info")
        .only(*_MOMENTS, "info__next_attempt_at")
        .order_by("-started_at")[: places + VISITS]
    )
    courses = recent_courses()
    flights = [attempt for attempt in begun if attempt.ended_at is None]
    return Traffic(
        Pace(courses, _gap(begun), places),
        [seconds_left(flight, courses, now) or 0.0 for flight in flights],
        begun[0].started_at if begun else None,
    )


def seconds_left(flight: LookupAttempt, courses: Sequence[Course], now: datetime) -> float | None:
    """Until the answer to a lookup in flight; None where it is overdue."""
    elapsed = _seconds(flight.stage_since, now)
    return until_answer(flight.stage, max(elapsed, 0.0), courses)


def recent_courses() -> list[Course]:
    """Those of the last lookups that brought an answer, the last one first; never empty."""
    answered = LookupAttempt.objects.filter(outcome__in=SETTLED).order_by("-ended_at")
    courses = [_course(attempt) for attempt in answered.only(*_MOMENTS)[:RECENT]]
    return [course for course in courses if course] or [TYPICAL]


def _course(attempt: LookupAttempt) -> Course | None:
    started, ended, opening = attempt.started_at, attempt.ended_at, attempt.opening_at
    if ended is None:
        return None
    if opening is None or attempt.reading_at is None:  # logged by a release that told no stages
        return TYPICAL.stretched_to(_seconds(started, ended))
    solving = attempt.solving_at or attempt.reading_at  # the page may have no captcha
    return Course(
        waiting=_seconds(started, opening),
        opening=_seconds(opening, solving),
        solving=_seconds(solving, attempt.reading_at),
        reading=_seconds(attempt.reading_at, ended),
    )


def _gap(begun: Iterable[LookupAttempt]) -> float:
    """Seconds between two visits, of the last of those where the second had been waiting."""
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
    """The median of the last attempts that brought an answer, from claim to answer."""
    return median(course.total for course in recent_courses())
