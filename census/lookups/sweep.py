"""Take back the rows of dead workers, and repair times after a clock was set back."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.dispatch import receiver
from django.utils import timezone

from census import clock
from census.events import stale_lookup_found
from census.lookups import lifecycle, log, retry, wakeups
from census.lookups.lifecycle import LEASE_LOST, Trace
from census.lookups.workers import is_certainly_dead
from census.models import BulkRefresh, CedulaInfo, LookupAttempt
from census.states import Priority, Status
from scraper.errors import BrowserCrashed
from scraper.gate.visits import Gate

logger = logging.getLogger(__name__)

GRACE_SECONDS = 15.0
"""Time from a database failure to the next taking back of leases: no holder could renew during the
failure, and a paid answer may wait to be written. Longer than a holder takes to renew."""
CALLED_OFF_LATELY = timedelta(days=1)
"""Longer than any attempt takes."""


def take_back_lost_claims() -> int:
    """Void every claim whose lease ran out; return how many there were."""
    return sum(take_back(info) for info in lifecycle.lost_claims())


def take_back_claims_of_the_dead() -> int:
    """Void the claims of this machine's dead workers without waiting for their leases."""
    open_attempts = LookupAttempt.objects.filter(
        ended_at=None, info__status=Status.PROCESSING
    ).select_related("info")
    return sum(
        take_back(attempt.info)
        for attempt in open_attempts
        if attempt.info.claim == attempt.claim and is_certainly_dead(attempt.worker)
    )


def call_off_what_came_back() -> int:
    """Take rows of bulks that were called off out of the queue; return how many they were.

    They were being looked up when the bulk was called off, and came back for another try.
    """
    called_off = BulkRefresh.objects.filter(cancelled_at__gt=timezone.now() - CALLED_OFF_LATELY)
    rows = CedulaInfo.objects.filter(bulk__in=called_off)
    return lifecycle.call_off(rows) if rows.filter(status=Status.PENDING).exists() else 0


def take_back(info: CedulaInfo) -> bool:
    """Void a lost claim: queue its row again, or end it after its last attempt; True if voided."""
    lost = BrowserCrashed("The worker went away.")
    decision = retry.decide(lost, info.attempts, settings.RETRY_DELAYS_SECONDS)
    status = decision.status if isinstance(decision, retry.Over) else Status.PENDING
    holder = lifecycle.holder_of(info)
    taken = lifecycle.take_back(info, status)
    if taken and holder is not None:
        log.log_end(holder, LEASE_LOST, Trace(), lost)
    elif taken:
        logger.warning("Lookup %s taken back: nobody held it.", info.pk)
    return taken


@receiver(stale_lookup_found, dispatch_uid="census.put_back_if_stale")
def put_back_if_stale(info: CedulaInfo, **_: Any) -> bool:
    """Make a stale row due and wake a worker for it; True if it was still stale.

    A row that is gone, because its person withdrew or left since it was read, is not stale.
    """
    try:
        info.refresh_from_db()  # it may have been answered, or claimed, since it was read
        if not info.is_stale():
            return False
        if info.status == Status.PROCESSING:
            take_back(info)
        else:
            CedulaInfo.objects.filter(pk=info.pk, status=Status.PENDING).update(
                next_attempt_at=min(info.next_attempt_at, clock.now())
            )
        info.refresh_from_db()
    except CedulaInfo.DoesNotExist:
        return False
    wakeups.wake_for(info.user_id)
    return True


# --- Impossible times ---------------------------------------------------------------------------


def mend_impossible_times() -> None:
    """Shorten leases, delays and pauses that lie too far ahead because a clock was set back.

    A lease starts again: a living holder renews it, that of a dead one runs out as usual. A next
    attempt becomes due. A pause starts again.
    """
    now = clock.now()
    leases = CedulaInfo.objects.filter(
        status=Status.PROCESSING, lease_expires_at__gt=now + lifecycle.LEASE + clock.SKEW
    )
    # Read first: a write takes SQLite's one lock, and there is something to mend once in years.
    if leases.exists():
        number = leases.update(lease_expires_at=now + lifecycle.LEASE)
        logger.warning("The clock was set back: %s leases begin anew.", number)
    waiting = _waiting_too_long(now)
    if waiting.exists():
        number = waiting.update(next_attempt_at=now, updated_at=Now())
        logger.warning("The clock was set back: %s lookups are due.", number)
    until = Gate(settings.LOOKUP_INTERVAL_SECONDS).shorten_impossible_pause(settings.PAUSE_SECONDS)
    if until is not None:
        logger.warning("The clock was set back: the pause begins anew, until %s.", until)


def _waiting_too_long(now: datetime) -> QuerySet[CedulaInfo]:
    """The rows whose next attempt lies further ahead than the delay before it."""
    latest = now + clock.SKEW
    delays = settings.RETRY_DELAYS_SECONDS
    too_long = Q(attempts=0) | Q(
        attempts__gt=len(delays), next_attempt_at__gt=latest + timedelta(seconds=max(delays))
    )
    for attempts, delay in enumerate(delays, start=1):
        too_long |= Q(attempts=attempts, next_attempt_at__gt=latest + timedelta(seconds=delay))
    # With the priorities named, `cedulainfo_line` finds the few that wait for a later moment.
    return CedulaInfo.objects.filter(
        too_long,
        status=Status.PENDING,
        priority__in=Priority.values,
        next_attempt_at__gt=latest,
    )
