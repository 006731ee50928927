"""The card that shows one lookup: read in as few queries as may be, and put into context."""

from dataclasses import dataclass
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
"""From the claim to the answer, until there are answers to measure."""
MISSED_AFTER = timedelta(seconds=30)
"""Without a worker a line that has not moved for so long is not about to: nobody can say when."""
MOST_COMING = 200
"""Lookups that come due meanwhile and go first, as far as they are counted."""


@dataclass(frozen=True, slots=True)
class Step:
    """One of the stages of a lookup, as the card lists them."""

    label: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class CensusCard:
    """All that the census card shows."""

    info: CedulaInfo | None
    """None: nothing is looked up for this person."""
    place_in_queue: int | None = None
    """1 is the next; None unless waiting in the line now."""
    seconds_left: int | None = None
    """Until the answer, as well as can be told; None where nobody can say: no worker lives, or the
    lookup takes longer than others did."""
    stage: Stage | None = None
    """What is being done now; None where the lookup waits for another try, or has ended."""
    done_percent: int = 0
    """Of the time from being due to the answer."""
    next_attempt_at: datetime | None = None
    """When it is tried again, where it waits for that."""
    paused_until: datetime | None = None
    """Until when nobody is looked up."""
    pause_reason: PauseReason | None = None
    failure: str = ""
    """Why the last attempt failed, in plain words."""
    map_url: str = ""
    can_retry: bool = False
    awaits_consent: bool = False
    """Whether it waits for its person, who has not accepted the policy that is in force now."""
    poll: bool = False
    """Whether an answer is on its way, so that the page should ask again."""

    @property
    def doing(self) -> str:
        """What is being done now, in words; '' where nothing is."""
        return STAGES[self.stage] if self.stage else ""

    @property
    def steps(self) -> list[Step]:
        """All stages in their order; none where nothing is being done."""
        order = list(STAGES)
        at = order.index(self.stage) if self.stage else -1
        return [
            Step(STAGES[stage], is_done=place < at, is_current=place == at)
            for place, stage in enumerate(order if self.stage else ())
        ]


def census_card(user: CustomUser) -> CensusCard:
    """The card of `user`'s own lookup. A stale lookup is put back to work on the way."""
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
    """`person`'s card as `viewer` sees it; asking whether they may is the caller's part."""
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
    if info.is_waiting_for_retry(now):
        return CensusCard(
            info,
            seconds_left=seconds,
            next_attempt_at=info.next_attempt_at,
            paused_until=gate.paused_until,
            pause_reason=gate.pause_reason,
            failure=failure_text(info.error_kind),
            poll=True,
        )
    return CensusCard(
        info,
        place_in_queue=due_ahead + 1,
        seconds_left=seconds,
        stage=Stage.WAITING,
        done_percent=0 if seconds is None else _done_percent(info, seconds, now),
        paused_until=gate.paused_until,
        pause_reason=gate.pause_reason,
        failure=failure_text(info.error_kind),
        poll=True,
    )


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
    """Of rows that are due: they go before `info`."""
    return Q(priority__lt=info.priority) | Q(
        Q(next_attempt_at__lt=info.next_attempt_at)
        | Q(next_attempt_at=info.next_attempt_at, id__lt=info.pk),
        priority=info.priority,
    )


def _seconds_until_answer(
    info: CedulaInfo, gate: GateState, due_ahead: int, now: datetime
) -> int | None:
    """Until the answer to a lookup that waits; None where nobody can say.

    No worker lives to bring one, or everybody pauses until somebody resumes.
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
    """In how many seconds those will be due who wait for another try, and go first then."""
    if info.priority == Priority.PERSON and info.next_attempt_at <= now:
        return []  # whoever comes later goes behind
    later = CedulaInfo.objects.filter(
        lifecycle.may_be_looked_up(),
        _ahead_of(info),
        status=Status.PENDING,
        next_attempt_at__gt=now,
    ).order_by("next_attempt_at")
    moments = later.values_list("next_attempt_at", flat=True)[:MOST_COMING]
    return [(moment - now).total_seconds() for moment in moments]


def _done_percent(info: CedulaInfo, seconds_left: float, now: datetime) -> int:
    """How much of the wait is over; never all of it before the answer is there."""
    waited = max((now - info.next_attempt_at).total_seconds(), 0.0)
    return min(int(100 * waited / max(waited + seconds_left, 1.0)), 97)


def map_url(info: CedulaInfo) -> str:
    """A link to the voting place on a map; '' where the census named none."""
    if info.status != Status.ACTIVE:
        return ""
    if info.latitude is not None and info.longitude is not None:
        place = f"{info.latitude},{info.longitude}"
    else:
        parts = (info.puesto, info.direccion, info.municipio, info.departamento, "Colombia")
        place = ", ".join(part for part in parts if part)
    return "https://www.google.com/maps/search/?" + urlencode({"api": 1, "query": place})
