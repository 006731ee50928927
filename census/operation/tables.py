"""The template context of the operations page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from census.operation import charts
from census.operation.attempts import Window
from census.operation.state import MOST_ROWS, Operation
from census.wait.wording import failure_text
from census.worker.code_version import code_version


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a period: a row of its table, and a column of each of its charts."""

    begins_at: datetime
    answered: int
    failed: int
    median: float | None
    ends: Sequence[charts.Bar]
    """Answered and failed, stacked."""
    speed: Sequence[charts.Bar]


@dataclass(frozen=True, slots=True)
class Period:
    """A window of time as a section of the page."""

    name: str
    title: str
    window: Window
    parts: Sequence[Part]
    part_words: str
    """The length of each part, in words."""
    most_ended: int
    slowest: float | None


@dataclass(frozen=True, slots=True)
class FailureLine:
    """A kind of failure, and how often it occurred."""

    kind: str
    words: str
    in_hour: int
    in_day: int
    bar: float
    """The bar's width, of 100."""


def context_of(operation: Operation, acts: Sequence[Any]) -> dict[str, Any]:
    return {
        "operation": operation,
        "periods": [
            _period("hora", "Última hora", operation.hour, 12, "5 minutos"),
            _period("dia", "Últimas 24 horas", operation.day, 24, "hora"),
        ],
        "failures": _failures(operation),
        "acts": acts,
        "more_flights": max(operation.waiting.in_flight - MOST_ROWS, 0),
        "width": charts.WIDTH,
        "height": charts.HEIGHT,
        "interval": timedelta(seconds=settings.LOOKUP_INTERVAL_SECONDS).total_seconds(),
        "has_solver": settings.CAPTCHA_SOLVER != "none",
        "visit_percent": round(operation.visit_share * 100),
        "version": settings.VERSION,
        "code": code_version(),
    }


def _period(name: str, title: str, window: Window, number: int, part_words: str) -> Period:
    split = window.split(number)
    answered = [part.answered for part in split]
    failed = [part.failed for part in split]
    medians = [part.median_seconds for part in split]
    known = [value for value in medians if value is not None]
    lines = zip(
        split, charts.columns([answered, failed]), charts.columns([medians]), medians, strict=True
    )
    return Period(
        name=name,
        title=title,
        window=window,
        parts=[
            Part(part.begins_at, part.answered, part.failed, middle, ends, speed)
            for part, ends, speed, middle in lines
        ],
        part_words=part_words,
        most_ended=max(map(sum, zip(answered, failed, strict=True))),
        slowest=max(known, default=None),
    )


def _failures(operation: Operation) -> list[FailureLine]:
    """The most frequent kinds of the day first; they include those of the last hour."""
    of_hour, of_day = operation.hour.failures, operation.day.failures
    most = max(of_day.values(), default=1)
    return [
        FailureLine(kind, failure_text(kind), of_hour[kind], number, round(100 * number / most, 1))
        for kind, number in of_day.most_common()
    ]
