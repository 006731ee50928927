"""The card that shows one lookup, read in few queries, and its template context."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import CustomUser
from census.lookups import lifecycle
from census.models import CedulaInfo, LookupAttempt
from census.privacy.novedades import may_read_novedad
from census.states import Priority, Status
from census.wait import forecast, pace
from census.wait.wording import STAGES, failure_text
from census.worker.heartbeats import living_workers
from scraper.gate.pauses import OPEN_END, PauseReason
from scraper.gate.visits import Gate, GateState
from scraper.turn import Stage

TYPICAL_LOOKUP_SECONDS = forecast.TYPICAL.total
"""From the claim to the answer, until there are answers to measure; seconds."""
MISSED_AFTER = timedelta(seconds=30)
"""If no worker lives and the queue has not moved for this time, no time left is shown."""
MOST_COMING = 200
"""Limit on the counted lookups that will come due meanwhile and go first."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of a lookup in the card's list."""

    label: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class CensusCard:
    """The contents of the census card."""

    info: CedulaInfo | None
    """None: this person has no lookup."""
    queue_position: int | None = None
    """1 is the next; None unless the lookup is due and waits."""
    seconds_left: int | None = None
    """Estimated time until the answer; None if there is no telling: no worker lives, or the lookup
    takes longer than others did."""
    stage: Stage | None = None
    """The current stage; None if the lookup waits for another try, or has ended."""
    done_percent: int = 0
    """Share of the time from being due to the answer."""
    next_attempt_at: datetime | None = None
    """The next attempt, if the lookup waits for one."""
    paused_until: datetime | None = None
    """End of the pause of all lookups."""
    pause_reason: PauseReason | None = None
    failure: str = ""
    """The reason why the last attempt failed, in Spanish."""
    map_url: str = ""
    can_retry: bool = False
    awaits_consent: bool = False
    """True if it waits until its person accepts the policy that is in force now."""
    poll: bool = False
    """True if an answer is on its way, so that the page should ask again."""

    @property
    def doing(self) -> str:
        """The current stage in Spanish; '' if there is none."""
        return STAGES[self.stage] if self.stage else ""

    @property
    def steps(self) -> list[Step]:
        """All stages in their order; empty if nothing is being done."""
        order = list(STAGES)
        current = order.index(self.stage) if self.stage else -1
        return [
            Step(STAGES[stage], is_done=number < current, is_current=number == current)
            for number, stage in enumerate(order if self.stage else ())
        ]


def census_card(user: CustomUser) -> CensusCard:
    """The card of `user`'s own lookup. A stale lookup is made due again first."""
    info = CedulaInfo.objects.filter(user=user).first()
    if info is None:
        return CensusCard(None)
    if info.status == Status.PENDING and not user.has_consent:
        return CensusCard(info, awaits_consent=True)
    if info.is_in_flight:
        info.reset_if_stale()
    if info.status == Status.PENDING:
        return _waiting_card(info)
    if info.status == Status.PROCESSING:
        return _looking_card(info)
    return CensusCard(
        info,
        failure=failure_text(info.error_kind) if info.is_failed else "",
        map_url=map_url(info),
        can_retry=info.is_failed and user.has_consent,
    )


def card_context(person: CustomUser, viewer: CustomUser) -> dict[str, Any]:
    """The context of `person`'s card for `viewer`; the caller checks that they may see it."""
    own = person.pk == viewer.pk
    args = [] if own else [person.pk]
    return {
        "card": census_card(person),
        "own": own,
        "tells_why": may_read_novedad(viewer, person),
        "person": person,
        "card_url": reverse("census:censo", args=args),
        "refresh_url": reverse("census:refrescar", args=args),
    }


def _waiting_card(info: CedulaInfo) -> CensusCard:
    now = timezone.now()
    gate = Gate.state()
    ahead = _ahead_of(info)
    due_ahead = lifecycle.due_rows(now).order_by().filter(ahead).count()
    seconds = _seconds_until_answer(info, gate, due_ahead, now)
    card = CensusCard(
        info,
        seconds_left=seconds,
        paused_until=gate.paused_until,
        pause_reason=gate.pause_reason,
        failure=failure_text(info.error_kind),
        poll=True,
    )
    if info.is_waiting_for_retry(now):
        return replace(card, next_attempt_at=info.next_attempt_at)
    done = 0 if seconds is None else _done_percent(info, seconds, now)
    return replace(card, queue_position=due_ahead + 1, stage=Stage.WAITING, done_percent=done)


def _looking_card(info: CedulaInfo) -> CensusCard:
    now = timezone.now()
    attempt = LookupAttempt.objects.filter(info=info, ended_at=None).first()
    attempt = attempt or LookupAttempt(started_at=now)
    seconds = pace.seconds_left(attempt, pace.recent_courses(), now)
    return CensusCard(
        info,
        seconds_left=None if seconds is None else round(seconds),
        stage=attempt.stage,
        done_percent=_done_percent(info, seconds or 0.0, now),
        poll=True,
    )


def _ahead_of(info: CedulaInfo) -> Q:
    """Filter for the rows that go before `info`."""
    return Q(priority__lt=info.priority) | Q(
        Q(next_attempt_at__lt=info.next_attempt_at)
        | Q(next_attempt_at=info.next_attempt_at, id__lt=info.pk),
        priority=info.priority,
    )


def _seconds_until_answer(
    info: CedulaInfo, gate: GateState, due_ahead: int, now: datetime
) -> int | None:
    """Estimated time until the answer to a waiting lookup; None if there is no telling.

    That is so if no worker lives, or if everything is paused until somebody resumes it.
    """
    if gate.paused_until == OPEN_END:
        return None
    clusters = living_workers().count()
    traffic = pace.traffic(clusters, now)
    moved_at = max(info.next_attempt_at, traffic.last_claim_at or info.next_attempt_at)
    if not clusters and moved_at < now - MISSED_AFTER:
        return None
    gap = traffic.pace.gap
    ahead = forecast.Ahead(
        first_visit_in=gate.next_visit_in + (gap if gate.is_reserved else 0.0),
        landings=traffic.landings,
        ahead=due_ahead,
        coming=_coming_before(info, now),
        due_in=max((info.next_attempt_at - now).total_seconds(), 0.0),
    )
    return round(forecast.until_visit(ahead, traffic.pace) + traffic.pace.after_visit)


def _coming_before(info: CedulaInfo, now: datetime) -> list[float]:
    """Seconds until each lookup that waits for another try, and then goes first, is due."""
    if info.priority == Priority.PERSON and info.next_attempt_at <= now:
        return []  # lookups that come due later go behind
    later = CedulaInfo.objects.filter(
        lifecycle.may_be_looked_up(),
        _ahead_of(info),
        status=Status.PENDING,
        next_attempt_at__gt=now,
    ).order_by("next_attempt_at")
    moments = later.values_list("next_attempt_at", flat=True)[:MOST_COMING]
    return [(moment - now).total_seconds() for moment in moments]


def _done_percent(info: CedulaInfo, seconds_left: float, now: datetime) -> int:
    """The share of the wait that is over; below 100 until the answer is there."""
    waited = max((now - info.next_attempt_at).total_seconds(), 0.0)
    return min(int(100 * waited / max(waited + seconds_left, 1.0)), 97)


def map_url(info: CedulaInfo) -> str:
    """A link to the voting place on a map; '' if the census named none."""
    if info.status != Status.ACTIVE:
        return ""
    if info.latitude is not None and info.longitude is not None:
        place = f"{info.latitude},{info.longitude}"
    else:
        parts = (info.puesto, info.direccion, info.municipio, info.departamento, "Colombia")
        place = ", ".join(part for part in parts if part)
    return "https://www.google.com/maps/search/?" + urlencode({"api": 1, "query": place})
