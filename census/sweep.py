"""Take back what dead workers left in flight."""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from census import attempt_lines, lifecycle, retry
from census.lifecycle import LEASE_LOST, Trace
from census.models import BulkRefresh, CedulaInfo, LookupAttempt, Status
from census.worker_process import is_certainly_dead
from scraper.errors import BrowserCrashed

logger = logging.getLogger(__name__)

CALLED_OFF_LATELY = timedelta(days=1)
"""Longer than any attempt takes."""


def take_back_lost_claims() -> int:
    """Void every claim whose lease ran out; returns how many rows went back or ended."""
    return sum(take_back(info) for info in lifecycle.lost_claims())


def take_back_claims_of_the_dead() -> int:
    """Void the claims of workers of this machine that are gone, without waiting for the lease."""
    open_attempts = LookupAttempt.objects.filter(
        ended_at=None, info__status=Status.PROCESSING
    ).select_related("info")
    return sum(
        take_back(attempt.info)
        for attempt in open_attempts
        if attempt.info.claim == attempt.claim and is_certainly_dead(attempt.worker)
    )


def call_off_what_came_back() -> int:
    """Take rows of bulks that were called off out of the line again; returns how many they were.

    They were being looked up at that moment, and came back for another try.
    """
    called_off = BulkRefresh.objects.filter(cancelled_at__gt=timezone.now() - CALLED_OFF_LATELY)
    rows = CedulaInfo.objects.filter(bulk__in=called_off)
    return lifecycle.call_off(rows) if rows.filter(status=Status.PENDING).exists() else 0


def take_back(info: CedulaInfo) -> bool:
    """Void one lost claim: due again, or over where its attempts are used up; True where it was."""
    lost = BrowserCrashed("The worker went away.")
    decision = retry.decide(lost, info.attempts, settings.RETRY_DELAYS_SECONDS)
    status = decision.status if isinstance(decision, retry.Over) else Status.PENDING
    holder = lifecycle.holder_of(info)
    taken = lifecycle.take_back(info, status)
    if taken and holder is not None:
        attempt_lines.log_end(holder, LEASE_LOST, Trace(), lost)
    elif taken:
        logger.warning("Lookup %s taken back: nobody held it.", info.pk)
    return taken
