"""Bulk refreshes: many failed lookups requested again at once; start, progress, cancel, dismiss."""

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Max, QuerySet
from django.utils import timezone

from accounts import policy
from accounts.models import CustomUser
from census.lookups import lifecycle, wakeups
from census.models import BulkRefresh, CedulaInfo
from census.states import FAILED, IN_FLIGHT, SETTLED, Priority, Status
from census.wait.pace import typical_lookup_seconds
from scraper.gate.pauses import PauseReason
from scraper.gate.visits import Gate

logger = logging.getLogger(__name__)

SHOWN_FOR = timedelta(days=1)
"""The page shows a bulk for this long after its end, unless it is dismissed before."""
IDS_AT_A_TIME = 5000
"""Ids in one statement: SQLite takes 32,766 values at most."""


class Skipped(StrEnum):
    """Why a person is not looked up again."""

    SETTLED = "settled"
    """The census has answered."""
    IN_FLIGHT = "in_flight"
    """The lookup is waiting or running already."""
    COOLDOWN = "cooldown"
    """It was requested a moment ago."""
    NO_CONSENT = "no_consent"
    """The person has not authorised lookups, or their account is closed."""
    NOT_YOURS = "not_yours"
    """Not a referido of the leader's, or nobody at all: the leader does not learn which."""


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """The result of a bulk request."""

    queued: int
    skipped: Mapping[Skipped, int]


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """The progress of a bulk."""

    bulk: BulkRefresh
    done: int
    """Lookups that the census has answered."""
    failed: int
    left: int
    """Lookups that are waiting or running."""
    seconds_left: int | None
    """An estimate at the gate's rate; None if nothing is left or the gate is paused."""
    paused_until: datetime | None
    pause_reason: PauseReason | None

    @property
    def total(self) -> int:
        return self.bulk.queued

    @property
    def dropped(self) -> int:
        """Lookups that were cancelled, or have been requested again one by one since."""
        return self.total - self.done - self.failed - self.left

    @property
    def ended(self) -> int:
        return self.total - self.left

    @property
    def is_running(self) -> bool:
        return self.left > 0


# --- Start --------------------------------------------------------------------------------------


def refresh_ids(leader: CustomUser, user_ids: Collection[int]) -> BulkOutcome:
    """Queue the lookups of those of these people that may be requested again."""
    wanted = set(user_ids)
    people = CustomUser.objects.filter(referred_by=leader, pk__in=wanted)
    return refresh_people(leader, people, wanted=len(wanted))


def refresh_people(
    leader: CustomUser, people: QuerySet[CustomUser], wanted: int | None = None
) -> BulkOutcome:
    """Queue the lookups of those of `people` that may be requested again, at bulk priority.

    They join the leader's running bulk, if there is one. `wanted` is how many people were asked
    for, if that may be more than `people` holds.
    """
    now = timezone.now()
    with transaction.atomic():
        _lock_bulks(leader)
        verdicts = _verdicts(people, now)
        eligible = [user_id for user_id, verdict in verdicts.items() if verdict is None]
        queued = _queue(leader, eligible, now) if eligible else 0
    skipped = Counter(verdict for verdict in verdicts.values() if verdict is not None)
    skipped[Skipped.IN_FLIGHT] += len(eligible) - queued  # another request queued them meanwhile
    skipped[Skipped.NOT_YOURS] += max((wanted or 0) - len(verdicts), 0)
    return BulkOutcome(queued, +skipped)


def _verdicts(people: QuerySet[CustomUser], now: datetime) -> dict[int, Skipped | None]:
    """{user id: reason to skip, or None}."""
    cooldown_began = now - timedelta(seconds=settings.REFRESH_COOLDOWN_SECONDS)
    in_force = policy.versions_in_force()
    fields = people.order_by().values_list(
        "pk",
        "consent_version",
        "is_active",
        "cedula_info__status",
        "cedula_info__refresh_requested_at",
    )
    return {
        pk: _verdict(
            may_be_looked_up=consent_version in in_force and is_active,
            status=status,
            in_cooldown=requested_at is not None and requested_at > cooldown_began,
        )
        for pk, consent_version, is_active, status, requested_at in fields
    }


def _verdict(*, may_be_looked_up: bool, status: str | None, in_cooldown: bool) -> Skipped | None:
    if status is None or not may_be_looked_up:
        return Skipped.NO_CONSENT
    if status in SETTLED:
        return Skipped.SETTLED
    if status in IN_FLIGHT:
        return Skipped.IN_FLIGHT
    return Skipped.COOLDOWN if in_cooldown else None


def _lock_bulks(leader: CustomUser) -> None:
    """Make this leader's other starts and cancels wait until the transaction ends.

    Otherwise a second click, or a second device, could start another bulk beside the first, or
    join one that is being cancelled. SQLite has one writer at a time anyway.
    """
    # The key is not locked: people who register with the leader's code need not wait.
    CustomUser.objects.select_for_update(no_key=True).only("pk").get(pk=leader.pk)


def _queue(leader: CustomUser, user_ids: Sequence[int], now: datetime) -> int:
    running = _running(leader)
    bulk = running or BulkRefresh.objects.create(requested_by=leader, requested_at=now)
    queued = sum(
        lifecycle.request_many(CedulaInfo.objects.filter(user_id__in=ids), bulk, now)
        for ids in _batches(user_ids)
    )
    if queued:
        BulkRefresh.objects.filter(pk=bulk.pk).update(queued=F("queued") + queued)
        logger.info("Bulk %s: %s lookups are queued.", bulk.pk, queued)
        transaction.on_commit(wakeups.wake)
    elif running is None:
        bulk.delete()  # another request queued all of them meanwhile
    return queued


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + IDS_AT_A_TIME] for start in range(0, len(ids), IDS_AT_A_TIME))


# --- Progress -----------------------------------------------------------------------------------


def progress_of(leader: CustomUser) -> BulkProgress | None:
    """The progress of `leader`'s last bulk; None if there is none to show."""
    bulk = _latest(leader)
    if bulk is None or bulk.closed_at is not None:
        return None
    by_status = dict(
        bulk.rows.order_by().values_list("status").annotate(number=Count("pk"))  # on its index
    )
    in_flight = any(by_status.get(status) for status in IN_FLIGHT)
    left = _left(bulk).count() if in_flight else 0
    if not left and _ended_at(bulk) < timezone.now() - SHOWN_FOR:
        return None
    gate = Gate.state() if left else None
    return BulkProgress(
        bulk,
        done=sum(by_status.get(status, 0) for status in SETTLED),
        failed=sum(by_status.get(status, 0) for status in FAILED),
        left=left,
        seconds_left=_seconds_left(bulk, left) if gate and not gate.paused_until else None,
        paused_until=gate.paused_until if gate else None,
        pause_reason=gate.pause_reason if gate else None,
    )


def _seconds_left(bulk: BulkRefresh, left: int) -> int:
    """Until the bulk's last row is answered: all rows before it in the queue take a slot first."""
    last = bulk.rows.filter(status=Status.PENDING).aggregate(last=Max("next_attempt_at"))["last"]
    queue = lifecycle.due_rows().order_by()
    before = queue.filter(priority=Priority.PERSON).count()
    if last is not None:
        before += queue.filter(priority=Priority.BULK, next_attempt_at__lte=last).count()
    seconds = max(before, left) * settings.LOOKUP_INTERVAL_SECONDS
    if last is not None:  # it may wait for a retry longer than that
        seconds = max(seconds, (last - timezone.now()).total_seconds())
    return ceil(seconds + typical_lookup_seconds())


def _left(bulk: BulkRefresh) -> QuerySet[CedulaInfo]:
    """The bulk's rows in flight, without those of people who have withdrawn their consent."""
    return bulk.rows.filter(lifecycle.may_be_looked_up(), status__in=IN_FLIGHT)


def _ended_at(bulk: BulkRefresh) -> datetime:
    last_change: datetime | None = bulk.rows.aggregate(last=Max("updated_at"))["last"]
    moments = (bulk.requested_at, bulk.cancelled_at, last_change)
    return max(moment for moment in moments if moment is not None)


def _latest(leader: CustomUser) -> BulkRefresh | None:
    return BulkRefresh.objects.filter(requested_by=leader).order_by("-requested_at").first()


def _running(leader: CustomUser) -> BulkRefresh | None:
    bulk = _latest(leader)
    if bulk is None or bulk.cancelled_at is not None or bulk.closed_at is not None:
        return None
    return bulk if _left(bulk).exists() else None


# --- End ----------------------------------------------------------------------------------------


def cancel(leader: CustomUser) -> int:
    """Cancel `leader`'s running bulk; return how many rows left the queue.

    Lookups that are running go on. If one of them returns to the queue, the sweep removes it.
    """
    with transaction.atomic():
        _lock_bulks(leader)
        bulk = _running(leader)
        if bulk is None:
            return 0
        BulkRefresh.objects.filter(pk=bulk.pk).update(cancelled_at=timezone.now())
        return lifecycle.call_off(CedulaInfo.objects.filter(bulk=bulk))


def dismiss(leader: CustomUser) -> None:
    """Stop showing `leader` their last bulk; no effect while it is running."""
    progress = progress_of(leader)
    if progress is not None and not progress.is_running:
        BulkRefresh.objects.filter(pk=progress.bulk.pk).update(closed_at=timezone.now())
