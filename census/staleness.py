"""Whether a row waits for something that can no longer come.

A long queue is not stale: its rows are the work, and whoever works through them comes to each. A
row is stale when nobody holds it though it counts as in flight, when its next attempt lies further
off than any delay that we set, or when the line does not move though nothing forbids it.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from census import clock, sweep, wakeups
from census.models import CedulaInfo, LookupAttempt, Status
from scraper.gate import Gate

STANDSTILL = timedelta(minutes=2)
"""A line in which nothing is claimed for so long has nobody working on it."""


def is_stale(info: CedulaInfo) -> bool:
    """Whether nothing can be coming for `info` any more, as it stands in memory.

    A page asks this at every poll: the host's own clock is asked first, because it costs no query,
    and the one for all decides. Where a host's clock is behind, the sweep finds what pages miss.
    """
    return _is_stale_at(timezone.now(), info) and _is_stale_at(clock.now(), info)


def reset_if_stale(info: CedulaInfo) -> bool:
    """Put a stale row back to work and queue it; True where it was stale.

    What is no longer there, because its person withdrew or left since it was read, is not stale.
    """
    if not is_stale(info):
        return False
    try:
        info.refresh_from_db()
        return is_stale(info) and _put_back(info)  # it may have been answered, or taken up
    except CedulaInfo.DoesNotExist:
        return False


def _put_back(info: CedulaInfo) -> bool:
    if info.status == Status.PROCESSING:
        sweep.take_back(info)
    else:
        CedulaInfo.objects.filter(pk=info.pk, status=Status.PENDING).update(
            next_attempt_at=min(info.next_attempt_at, clock.now())
        )
    info.refresh_from_db()
    wakeups.wake_for(info.user_id)
    return True


def _is_stale_at(now: datetime, info: CedulaInfo) -> bool:
    if info.status == Status.PROCESSING:
        return info.lease_expires_at is None or info.lease_expires_at < now
    if info.status != Status.PENDING:
        return False
    furthest = timedelta(seconds=max(settings.RETRY_DELAYS_SECONDS)) + STANDSTILL
    if info.next_attempt_at > now + furthest:
        return True  # a clock was set back after it was written
    return info.next_attempt_at < now - STANDSTILL and _line_stands_still_at(now)


def _line_stands_still_at(now: datetime) -> bool:
    if Gate.state().paused_until is not None:
        return False
    last_claim = LookupAttempt.objects.aggregate(last=Max("started_at"))["last"]
    return last_claim is None or last_claim < now - STANDSTILL
