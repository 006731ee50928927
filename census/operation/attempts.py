"""The attempts that ended lately: answers, failures by kind, seconds, captchas; in one query."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Any

from django.db.models import F, FloatField, Func

from census.lookups.lifecycle import HANDED_BACK
from census.models import LookupAttempt
from census.states import SETTLED

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class EpochSeconds(Func):
    """A moment as seconds since the epoch.

    Ten times cheaper than Django's own difference of two moments on SQLite, which calls back into
    Python for each row.
    """

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "((julianday(%(expressions)s) - 2440587.5) * 86400.0)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "EXTRACT(EPOCH FROM %(expressions)s)::double precision"
        return self.as_sql(compiler, connection, template=template, **context)


@dataclass(frozen=True, slots=True)
class EndedAttempt:
    """An attempt that has ended."""

    at: float
    """Seconds since the epoch."""
    seconds: float
    """From the claim to the end."""
    outcome: str
    solves_paid: int

    @property
    def is_answer(self) -> bool:
        return self.outcome in SETTLED

    @property
    def is_failure(self) -> bool:
        """True if it counted and brought no answer; attempts that were handed back do not count."""
        return not self.is_answer and self.outcome != HANDED_BACK


@dataclass(frozen=True, slots=True)
class Window:
    """The attempts that ended in a window of time."""

    begins_at: datetime
    length: timedelta
    attempts: Sequence[EndedAttempt] = field(repr=False)

    @property
    def answered(self) -> int:
        return sum(attempt.is_answer for attempt in self.attempts)

    @property
    def failed(self) -> int:
        return sum(attempt.is_failure for attempt in self.attempts)

    @property
    def handed_back(self) -> int:
        return len(self.attempts) - self.answered - self.failed

    @property
    def solves_paid(self) -> int:
        return sum(attempt.solves_paid for attempt in self.attempts)

    @property
    def outcomes(self) -> Counter[str]:
        return Counter(attempt.outcome for attempt in self.attempts)

    @property
    def failures(self) -> Counter[str]:
        """{kind: number}."""
        return Counter(attempt.outcome for attempt in self.attempts if attempt.is_failure)

    @property
    def seconds(self) -> list[float]:
        """The seconds that each answer took."""
        return [attempt.seconds for attempt in self.attempts if attempt.is_answer]

    @property
    def median_seconds(self) -> float | None:
        return median(self.seconds) if self.seconds else None

    def quantiles_of_seconds(self, wanted: Iterable[int]) -> Mapping[int, float]:
        """{percent: the seconds within which so many of the answers came}; {} without answers."""
        if not self.seconds:
            return {}
        cuts = quantiles(self.seconds * 2, n=100, method="inclusive")  # it needs two values
        return {percent: cuts[percent - 1] for percent in wanted}

    def split(self, number: int) -> list["Window"]:
        """The window cut into `number` windows of the same length, the oldest first."""
        length = self.length / number
        first = self.begins_at.timestamp()
        parts: list[list[EndedAttempt]] = [[] for _ in range(number)]
        for attempt in self.attempts:
            index = int((attempt.at - first) / length.total_seconds())
            parts[min(max(index, 0), number - 1)].append(attempt)
        return [
            Window(self.begins_at + index * length, length, part)
            for index, part in enumerate(parts)
        ]


def last_hour_and_day(now: datetime) -> tuple[Window, Window]:
    """The attempts that ended in the hour, and in the 24 hours, before `now`."""
    rows = (
        LookupAttempt.objects.filter(ended_at__gt=now - DAY, ended_at__lte=now)
        .order_by()
        .annotate(at=EpochSeconds("ended_at"))
        .annotate(seconds=F("at") - EpochSeconds("started_at"))
        .values_list("at", "seconds", "outcome", "solves_paid")
    )
    of_day = [EndedAttempt(*row) for row in rows]
    hour_began = (now - HOUR).timestamp()
    of_hour = [attempt for attempt in of_day if attempt.at > hour_began]
    return Window(now - HOUR, HOUR, of_hour), Window(now - DAY, DAY, of_day)
