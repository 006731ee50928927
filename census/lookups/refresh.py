"""What people can ask of the census app."""

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
    """What became of somebody's wish to have a cédula looked up again."""

    QUEUED = "queued"
    COOLDOWN = "cooldown"
    """Asked for again too soon."""
    IN_FLIGHT = "in_flight"
    """It is being looked up already."""
    SETTLED = "settled"
    """The census has answered: there is nothing to ask again."""
    NO_CONSENT = "no_consent"
    """The person has not authorised lookups, or no longer does."""


@dataclass(frozen=True, slots=True)
class Refresh:
    outcome: RefreshOutcome
    seconds_left: int = 0
    """Of the cooldown, rounded up."""


def request_refresh(info: CedulaInfo) -> Refresh:
    """Have a failed lookup made again, at a person's wish."""
    now = timezone.now()
    if not info.user.has_consent:
        return Refresh(RefreshOutcome.NO_CONSENT)
    if info.is_settled:
        return Refresh(RefreshOutcome.SETTLED)
    if info.refresh_requested_at is not None:
        cooldown = timedelta(seconds=settings.REFRESH_COOLDOWN_SECONDS)
        left = (info.refresh_requested_at + cooldown - now).total_seconds()
        # More than all of it is left where the clock was set back since.
        if 0 < left <= settings.REFRESH_COOLDOWN_SECONDS:
            return Refresh(RefreshOutcome.COOLDOWN, ceil(left))
    with transaction.atomic():
        if not lifecycle.request_again(info, now):
            return Refresh(RefreshOutcome.IN_FLIGHT)
        transaction.on_commit(partial(wakeups.wake_for, info.user_id))
    return Refresh(RefreshOutcome.QUEUED)
