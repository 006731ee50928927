"""What the pages show of lookups, read in as few queries as may be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from accounts.models import CustomUser
from census import lifecycle
from census.code_version import code_version
from census.models import SETTLED, CedulaInfo, LookupAttempt, Status, WorkerHeartbeat
from census.wording import failure_text
from scraper.gate import Gate, PauseReason

HEARTBEAT_FRESH = timedelta(seconds=15)
"""A worker beats every 5 s; three beats missed is gone."""
TYPICAL_LOOKUP_SECONDS = 15.0
"""From the claim to the answer, until there are answers to measure."""
RECENT_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class CensusCard:
    """All that the census card shows."""

    info: CedulaInfo | None
    """None: nothing is looked up for this person."""
    place_in_queue: int | None = None
    """1 is the next; None unless waiting in the line now."""
    seconds_left: int | None = None
    """Roughly; None where nobody can say."""
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
        return CensusCard(info, seconds_left=_seconds_until_answer(info), poll=True)
    return CensusCard(
        info,
        failure=failure_text(info.error_kind) if info.is_failed else "",
        map_url=map_url(info),
        can_retry=info.is_failed and user.has_consent,
    )


def _waiting_card(info: CedulaInfo) -> CensusCard:
    now = timezone.now()
    gate = Gate.state()
    failure = failure_text(info.error_kind)
    if info.is_waiting_for_retry(now):
        return CensusCard(
            info,
            next_attempt_at=info.next_attempt_at,
            paused_until=gate.paused_until,
            pause_reason=gate.pause_reason,
            failure=failure,
            poll=True,
        )
    place = _place_in_queue(info, now)
    seconds = gate.next_visit_in + (place - 1) * settings.LOOKUP_INTERVAL_SECONDS
    return CensusCard(
        info,
        place_in_queue=place,
        seconds_left=None if gate.paused_until else ceil(seconds + typical_lookup_seconds()),
        paused_until=gate.paused_until,
        pause_reason=gate.pause_reason,
        failure=failure,
        poll=True,
    )


def _place_in_queue(info: CedulaInfo, now: datetime) -> int:
    ahead = Q(priority__lt=info.priority) | Q(
        Q(next_attempt_at__lt=info.next_attempt_at)
        | Q(next_attempt_at=info.next_attempt_at, id__lt=info.pk),
        priority=info.priority,
    )
    return lifecycle.due_rows(now).order_by().filter(ahead).count() + 1


def _seconds_until_answer(info: CedulaInfo) -> int:
    attempt = LookupAttempt.objects.filter(info=info, ended_at=None).first()
    elapsed = (timezone.now() - attempt.started_at).total_seconds() if attempt else 0.0
    return max(ceil(typical_lookup_seconds() - elapsed), 1)


def typical_lookup_seconds() -> float:
    """The median of the last attempts that brought an answer, from claim to answer."""
    recent = LookupAttempt.objects.filter(outcome__in=SETTLED).order_by("-ended_at")
    durations = [
        (ended - started).total_seconds()
        for started, ended in recent.values_list("started_at", "ended_at")[:RECENT_ATTEMPTS]
        if ended is not None
    ]
    return median(durations) if durations else TYPICAL_LOOKUP_SECONDS


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


def living_workers() -> QuerySet[WorkerHeartbeat]:
    """The clusters that gave a sign of life just now, on whatever host."""
    return WorkerHeartbeat.objects.filter(beat_at__gt=timezone.now() - HEARTBEAT_FRESH)


def health() -> dict[str, Any]:
    """Whether lookups are being made, for a monitor: no personal data.

    `pause_reason` is there only while everybody pauses, `outdated_workers` only where living
    workers run other code than this process. A pause without an end is one until the year 9999.
    """
    now = timezone.now()
    try:
        due = lifecycle.due_rows(now).order_by()
        oldest = due.aggregate(oldest=Min("next_attempt_at"))["oldest"]
        gate = Gate.state()
        alive = living_workers().aggregate(
            all=Count("pk"), outdated=Count("pk", filter=~Q(version=code_version()))
        )
        return {
            "database": "ok",
            "workers": alive["all"],
            "due": due.count(),
            "oldest_due_seconds": int((now - oldest).total_seconds()) if oldest else 0,
            "paused_until": gate.paused_until.isoformat() if gate.paused_until else None,
            **({"pause_reason": gate.pause_reason} if gate.pause_reason else {}),
            **({"outdated_workers": alive["outdated"]} if alive["outdated"] else {}),
        }
    except DatabaseError:
        return {
            "database": "error",
            "workers": 0,
            "due": None,
            "oldest_due_seconds": None,
            "paused_until": None,
        }
