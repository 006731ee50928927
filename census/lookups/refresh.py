"""The refresh of one lookup, at a person's request."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from math import ceil

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from census.lookups import lifecycle, wakeups
from census.models import CedulaInfo


class RefreshOutcome(StrEnum):
    """The result of a request to look a cédula up again."""

    QUEUED = "queued"
    COOLDOWN = "cooldown"
    """Requested again too soon."""
    IN_FLIGHT = "in_flight"
    """It is being looked up already."""
    SETTLED = "settled"
    """The census has answered: there is nothing to ask again."""
    NO_CONSENT = "no_consent"
    """The person has given no consent, or has withdrawn it."""


@dataclass(frozen=True, slots=True)
class Refresh:
    outcome: RefreshOutcome
    seconds_left: int = 0
    """The rest of the cooldown, rounded up."""


def request_refresh(info: CedulaInfo) -> Refresh:
    """Queue a failed lookup again, unless a rule of RefreshOutcome forbids it."""
    now = timezone.now()
    if not info.user.has_consent:
        return Refresh(RefreshOutcome.NO_CONSENT)
    if info.is_settled:
        return Refresh(RefreshOutcome.SETTLED)
    if info.refresh_requested_at is not None:
        cooldown = timedelta(seconds=settings.REFRESH_COOLDOWN_SECONDS)
        left = (info.refresh_requested_at + cooldown - now).total_seconds()
        # If the clock was set back meanwhile, more than the whole cooldown seems left.
        if 0 < left <= settings.REFRESH_COOLDOWN_SECONDS:
            return Refresh(RefreshOutcome.COOLDOWN, ceil(left))
    with transaction.atomic():
        if not lifecycle.request_again(info, now):
            return Refresh(RefreshOutcome.IN_FLIGHT)
        transaction.on_commit(partial(wakeups.wake_for, info.user_id))
    return Refresh(RefreshOutcome.QUEUED)
