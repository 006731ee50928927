"""What the operations page, and a monitor, are shown: everything in as many queries always."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, F, Min, Q
from django.utils import timezone

from accounts.identity import cedula as cedulas
from census.lookups import lifecycle
from census.lookups.workers import short_name
from census.models import CedulaInfo, LookupAttempt, WorkerHeartbeat
from census.operation import attempts
from census.operation.attempts import Stretch
from census.states import IN_FLIGHT, Status
from census.worker.code_version import code_version
from census.worker.heartbeats import fresh_beats
from scraper.gate.captcha_budget import next_day_begins
from scraper.gate.pauses import OPEN_END
from scraper.gate.visits import GateState, database_now, state_of
from scraper.models import CaptchaAccount, CaptchaDay, SiteGate

MOST_ROWS = 50
"""Of a table: what is in flight, the workers."""
LATEST_ACTS = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """Lookups without an answer yet, by what they wait for."""

    due: int
    """For a worker."""
    oldest_due_at: datetime | None
    retry: int
    """For the moment of their next attempt."""
    consent: int
    """For their person: to accept the policy in force, or to have their account opened again."""
    in_flight: int
    """For the census."""


@dataclass(frozen=True, slots=True)
class Flight:
    """A lookup that a worker holds."""

    info_id: int
    cedula: str
    """Masked."""
    worker: str
    since: datetime
    attempt: int


@dataclass(frozen=True, slots=True)
class Worker:
    """A cluster that runs, or that did a while ago."""

    host: str
    pid: int
    version: str
    since: datetime
    beat_at: datetime
    is_alive: bool
    is_outdated: bool
    """Whether it runs other code than this process."""


@dataclass(frozen=True, slots=True)
class Captchas:
    """What captchas cost."""

    day: date
    taken: int
    """Permissions that count against the limit."""
    bought: int
    limit: int
    """0: none."""
    balance: float | None
    """In US$; None where it was never told."""
    balance_at: datetime | None
    balance_problem: str
    resumes_at: datetime
    """When the next day begins."""

    @property
    def is_spent(self) -> bool:
        return 0 < self.limit <= self.taken


@dataclass(frozen=True, slots=True)
class GateView:
    """The gate, as its row has it and as people are told of it."""

    state: GateState
    next_visit_at: datetime
    holder: str
    """The first digits of whoever has reserved the next visit; '' where nobody has."""
    holder_until: datetime
    consecutive_blocks: int
    held_since: datetime | None
    """Since when an operator has it paused."""

    @property
    def is_open_ended(self) -> bool:
        return self.state.paused_until == OPEN_END


@dataclass(frozen=True, slots=True)
class Operation:
    """How the product does at `now`."""

    now: datetime
    waiting: Waiting
    flights: Sequence[Flight]
    hour: Stretch
    day: Stretch
    gate: GateView
    captchas: Captchas
    workers: Sequence[Worker]

    @property
    def alive(self) -> int:
        return sum(worker.is_alive for worker in self.workers)

    @property
    def outdated(self) -> int:
        return sum(worker.is_alive and worker.is_outdated for worker in self.workers)

    @property
    def visit_share(self) -> float:
        """Of the visits that the interval allows in an hour, how many were made; 1 is all."""
        visits = len(self.hour.attempts) - self.hour.handed_back
        return visits * float(settings.LOOKUP_INTERVAL_SECONDS) / self.hour.length.total_seconds()


def operation() -> Operation:
    """How the product does now."""
    now = timezone.now()
    hour, day = attempts.last_hour_and_day(now)
    return Operation(
        now=now,
        waiting=waiting(now),
        flights=flights(),
        hour=hour,
        day=day,
        gate=gate_view(),
        captchas=captchas(now),
        workers=workers(now),
    )


def waiting(now: datetime) -> Waiting:
    allowed = Q(lifecycle.may_be_looked_up(), status=Status.PENDING)
    due = allowed & Q(next_attempt_at__lte=now)
    counts = CedulaInfo.objects.filter(status__in=IN_FLIGHT).aggregate(
        due=Count("pk", filter=due),
        oldest_due_at=Min("next_attempt_at", filter=due),
        retry=Count("pk", filter=allowed & Q(next_attempt_at__gt=now)),
        pending=Count("pk", filter=Q(status=Status.PENDING)),
        in_flight=Count("pk", filter=Q(status=Status.PROCESSING)),
    )
    pending = counts.pop("pending")
    return Waiting(consent=pending - counts["due"] - counts["retry"], **counts)


def flights() -> list[Flight]:
    """The lookups that workers hold, the oldest first; at most MOST_ROWS.

    Sorted here: a database that is asked for the first in an order may walk through all attempts.
    """
    held = LookupAttempt.objects.filter(
        ended_at=None, info__status=Status.PROCESSING, claim=F("info__claim")
    )
    rows = held.order_by().values_list(
        "started_at", "number", "worker", "info_id", "info__user__cedula"
    )
    return [
        Flight(info_id, cedulas.masked(cedula), short_name(worker), since, number)
        for since, number, worker, info_id, cedula in sorted(rows)[:MOST_ROWS]
    ]


def gate_view() -> GateView:
    row = SiteGate.objects.filter(pk=1).first() or SiteGate()
    now = database_now()
    return GateView(
        state=state_of(row, now),
        next_visit_at=_moment(row.next_visit_at),
        holder=str(row.holder)[:8] if row.holder and row.holder_until >= now else "",
        holder_until=_moment(row.holder_until),
        consecutive_blocks=row.consecutive_blocks,
        held_since=row.held_since,
    )


def captchas(now: datetime) -> Captchas:
    today = timezone.localdate(now)
    spent = CaptchaDay.objects.filter(day=today).first() or CaptchaDay(day=today)
    account = CaptchaAccount.objects.filter(pk=1).first() or CaptchaAccount()
    return Captchas(
        day=today,
        taken=spent.taken,
        bought=spent.bought,
        limit=settings.CAPTCHA_DAILY_LIMIT,
        balance=account.balance,
        balance_at=account.answered_at,
        balance_problem=account.problem,
        resumes_at=next_day_begins(today),
    )


def workers(now: datetime) -> list[Worker]:
    """Those that gave a sign of life in the last day, the latest first; at most MOST_ROWS."""
    oldest, latest = fresh_beats(now)
    return [
        Worker(
            host=row.host,
            pid=row.pid,
            version=row.version,
            since=row.started_at,
            beat_at=row.beat_at,
            is_alive=oldest < row.beat_at < latest,
            is_outdated=row.version != code_version(),
        )
        for row in WorkerHeartbeat.objects.order_by("-beat_at")[:MOST_ROWS]
    ]


def latest_acts() -> list[Any]:
    """What operators last did with the gate, by the administration's log, the latest first."""
    gate = ContentType.objects.get_for_model(SiteGate)
    log = LogEntry.objects.filter(content_type=gate).select_related("user")
    return list(log.order_by("-action_time")[:LATEST_ACTS])


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
