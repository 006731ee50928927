"""The state of the product for the operations page and the metrics, in as many queries always."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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
from census.operation.attempts import Window
from census.operation.damage import number_of_damaged_answers
from census.states import IN_FLIGHT, Status
from census.worker.code_version import code_version
from census.worker.heartbeats import fresh_beats
from scraper.gate.pauses import OPEN_END
from scraper.gate.visits import GateState, database_now, state_of
from scraper.models import CaptchaAccount, CaptchaDay, SiteGate

MOST_ROWS = 50
"""Rows in the tables of lookups in flight and of workers."""
LATEST_ACTS = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """Lookups without an answer yet, by what they wait for."""

    due: int
    """They wait for a worker."""
    oldest_due_at: datetime | None
    retry: int
    """They wait for the moment of their next attempt."""
    consent: int
    """They wait until the person accepts the policy in force, or the account is reactivated."""
    in_flight: int
    """They are being looked up."""


@dataclass(frozen=True, slots=True)
class Flight:
    """A lookup that a worker has claimed."""

    info_id: int
    cedula: str
    """Masked."""
    worker: str
    since: datetime
    attempt: int


@dataclass(frozen=True, slots=True)
class Worker:
    """A cluster that is running, or was some time ago."""

    heartbeat: WorkerHeartbeat
    is_alive: bool
    is_outdated: bool
    """True if it runs other code than this process."""


@dataclass(frozen=True, slots=True)
class Captchas:
    """The captchas of today, and the account at the captcha service."""

    today: CaptchaDay
    account: CaptchaAccount
    limit: int
    """Permits per day; 0: no limit."""

    @property
    def is_spent(self) -> bool:
        return 0 < self.limit <= self.today.taken


@dataclass(frozen=True, slots=True)
class GateView:
    """The gate: its row, and the state that people see."""

    state: GateState
    holder: str
    """The first digits of the id of the next visit's holder; '' if nobody has reserved it."""
    holder_until: datetime
    consecutive_blocks: int
    held_since: datetime | None
    """The start of an operator's pause; None without one."""

    @property
    def is_open_ended(self) -> bool:
        return self.state.paused_until == OPEN_END


@dataclass(frozen=True, slots=True)
class Operation:
    """The state of the product at `now`."""

    now: datetime
    waiting: Waiting
    flights: Sequence[Flight]
    hour: Window
    day: Window
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
    def damaged(self) -> int:
        """Answers that were stored damaged; up to an hour old. Counted for the page alone."""
        return number_of_damaged_answers()

    @property
    def visit_share(self) -> float:
        """The share of the visits allowed by the interval that the last hour had; 1 is all."""
        visits = len(self.hour.attempts) - self.hour.handed_back
        return visits * float(settings.LOOKUP_INTERVAL_SECONDS) / self.hour.length.total_seconds()


def operation() -> Operation:
    """The state of the product now."""
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
    """The lookups that workers have claimed, the oldest first; at most MOST_ROWS.

    They are sorted here: with ORDER BY and LIMIT the database may walk through all attempts.
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
        holder=str(row.holder)[:8] if row.holder and row.holder_until >= now else "",
        holder_until=_moment(row.holder_until),
        consecutive_blocks=row.consecutive_blocks,
        held_since=row.held_since,
    )


def captchas(now: datetime) -> Captchas:
    day = timezone.localdate(now)
    return Captchas(
        today=CaptchaDay.objects.filter(day=day).first() or CaptchaDay(day=day),
        account=CaptchaAccount.objects.filter(pk=1).first() or CaptchaAccount(),
        limit=settings.CAPTCHA_DAILY_LIMIT,
    )


def workers(now: datetime) -> list[Worker]:
    """The workers with a heartbeat in the last day, the latest first; at most MOST_ROWS."""
    oldest, latest = fresh_beats(now)
    return [
        Worker(
            heartbeat,
            is_alive=oldest < heartbeat.beat_at < latest,
            is_outdated=heartbeat.version != code_version(),
        )
        for heartbeat in WorkerHeartbeat.objects.order_by("-beat_at")[:MOST_ROWS]
    ]


def latest_acts() -> list[Any]:
    """The operators' last actions on the gate, from the administration's log, the latest first."""
    gate = ContentType.objects.get_for_model(SiteGate)
    log = LogEntry.objects.filter(content_type=gate).select_related("user")
    return list(log.order_by("-action_time")[:LATEST_ACTS])


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
