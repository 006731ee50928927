"""Many failed lookups asked for again at once: begun, followed, called off, put away."""

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
"""How long the page tells of a bulk that has ended, where nobody puts its summary away."""
IDS_AT_A_TIME = 5000
"""SQLite takes 32,766 values in one statement."""


class Skipped(StrEnum):
    """Why somebody who was asked for is not looked up again."""

    SETTLED = "settled"
    """The census has answered."""
    IN_FLIGHT = "in_flight"
    """An answer is on its way already."""
    COOLDOWN = "cooldown"
    """Asked for a moment ago."""
    NO_CONSENT = "no_consent"
    """They have not authorised lookups, or their account is closed."""
    NOT_YOURS = "not_yours"
    """Nobody of the leader's, or nobody at all: which, is not told."""


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What became of a wish to have many looked up again."""

    queued: int
    skipped: Mapping[Skipped, int]


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """How far a bulk is."""

    bulk: BulkRefresh
    done: int
    """The census has answered."""
    failed: int
    left: int
    """Waiting or being looked up."""
    seconds_left: int | None
    """Roughly, at the rate of the gate; None where nothing is left or everybody pauses."""
    paused_until: datetime | None
    pause_reason: PauseReason | None

    @property
    def total(self) -> int:
        return self.bulk.queued

    @property
    def apart(self) -> int:
        """Called off, or asked for again one by one since."""
        return self.total - self.done - self.failed - self.left

    @property
    def ended(self) -> int:
        return self.total - self.left

    @property
    def is_running(self) -> bool:
        return self.left > 0


# --- Begin --------------------------------------------------------------------------------------


def refresh_ids(leader: CustomUser, user_ids: Collection[int]) -> BulkOutcome:
    """Have those of these people who may be looked up again put into the line."""
    wanted = set(user_ids)
    people = CustomUser.objects.filter(referred_by=leader, pk__in=wanted)
    return refresh_people(leader, people, wanted=len(wanted))


def refresh_people(
    leader: CustomUser, people: QuerySet[CustomUser], wanted: int | None = None
) -> BulkOutcome:
    """Have those of `people` who may be looked up again put into the line, behind every person.

    They join the leader's bulk where one runs. `wanted` is how many were asked for, where that may
    be more than `people` holds.
    """
    now = timezone.now()
    with transaction.atomic():
        _keep_apart(leader)
        verdicts = _verdicts(people, now)
        eligible = [user_id for user_id, verdict in verdicts.items() if verdict is None]
        queued = _queue(leader, eligible, now) if eligible else 0
    skipped = Counter(verdict for verdict in verdicts.values() if verdict is not None)
    skipped[Skipped.IN_FLIGHT] += len(eligible) - queued  # somebody was faster with them
    skipped[Skipped.NOT_YOURS] += max((wanted or 0) - len(verdicts), 0)
    return BulkOutcome(queued, +skipped)


def _verdicts(people: QuerySet[CustomUser], now: datetime) -> dict[int, Skipped | None]:
    """By user id, why they are skipped; None: they may be looked up again."""
    asked_lately = now - timedelta(seconds=settings.REFRESH_COOLDOWN_SECONDS)
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
            asked_lately=asked_at is not None and asked_at > asked_lately,
        )
        for pk, consent_version, is_active, status, asked_at in fields
    }


def _verdict(*, may_be_looked_up: bool, status: str | None, asked_lately: bool) -> Skipped | None:
    if status is None or not may_be_looked_up:
        return Skipped.NO_CONSENT
    if status in SETTLED:
        return Skipped.SETTLED
    if status in IN_FLIGHT:
        return Skipped.IN_FLIGHT
    return Skipped.COOLDOWN if asked_lately else None


def _keep_apart(leader: CustomUser) -> None:
    """Hold this leader's other begins and cancels back until the transaction ends.

    A second press, or a second device, would begin a bulk beside the first, or join one that is
    being called off. SQLite has one writer at a time as it is.
    """
    # Not the key: people who register with the leader's code need not wait.
    CustomUser.objects.select_for_update(no_key=True).only("pk").get(pk=leader.pk)


def _queue(leader: CustomUser, user_ids: Sequence[int], now: datetime) -> int:
    running = _running(leader)
    bulk = running or BulkRefresh.objects.create(requested_by=leader, requested_at=now)
    queued = sum(
        lifecycle.request_many(CedulaInfo.objects.filter(user_id__in=ids), bulk, now)
        for ids in _lots(user_ids)
    )
    if queued:
        BulkRefresh.objects.filter(pk=bulk.pk).update(queued=F("queued") + queued)
        logger.info("Bulk %s: %s lookups are queued.", bulk.pk, queued)
        transaction.on_commit(wakeups.wake)
    elif running is None:
        bulk.delete()  # somebody was faster with all of them
    return queued


def _lots(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + IDS_AT_A_TIME] for start in range(0, len(ids), IDS_AT_A_TIME))


# --- Follow -------------------------------------------------------------------------------------


def progress_of(leader: CustomUser) -> BulkProgress | None:
    """How far `leader`'s last bulk is; None where there is none to tell of."""
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
    """Until the last of its rows is answered: all who come before that one take their slots."""
    last = bulk.rows.filter(status=Status.PENDING).aggregate(last=Max("next_attempt_at"))["last"]
    line = lifecycle.due_rows().order_by()
    before = line.filter(priority=Priority.PERSON).count()
    if last is not None:
        before += line.filter(priority=Priority.BULK, next_attempt_at__lte=last).count()
    seconds = max(before, left) * settings.LOOKUP_INTERVAL_SECONDS
    if last is not None:  # or it waits for another try
        seconds = max(seconds, (last - timezone.now()).total_seconds())
    return ceil(seconds + typical_lookup_seconds())


def _left(bulk: BulkRefresh) -> QuerySet[CedulaInfo]:
    """Its rows that an answer can come for: who has withdrawn their consent waits for none."""
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
    """Call `leader`'s running bulk off; returns how many rows left the line.

    What is being looked up at this moment goes on. A row that comes back into the line after it
    is taken out by the sweep.
    """
    with transaction.atomic():
        _keep_apart(leader)
        bulk = _running(leader)
        if bulk is None:
            return 0
        BulkRefresh.objects.filter(pk=bulk.pk).update(cancelled_at=timezone.now())
        return lifecycle.call_off(CedulaInfo.objects.filter(bulk=bulk))


def put_away(leader: CustomUser) -> None:
    """Stop telling `leader` of their last bulk, which has ended."""
    progress = progress_of(leader)
    if progress is not None and not progress.is_running:
        BulkRefresh.objects.filter(pk=progress.bulk.pk).update(closed_at=timezone.now())
