"""The signs of life of clusters, and which of them live."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from census.models import WorkerHeartbeat

HEARTBEAT_FRESH = timedelta(seconds=15)
"""A worker beats every 5 s; three beats missed is gone."""


def living_workers() -> QuerySet[WorkerHeartbeat]:
    """The clusters that gave a sign of life just now, on whatever host."""
    oldest, latest = fresh_beats(timezone.now())
    return WorkerHeartbeat.objects.filter(beat_at__gt=oldest, beat_at__lt=latest)


def fresh_beats(now: datetime) -> tuple[datetime, datetime]:
    """Between which moments a worker that lives at `now` has last given a sign of life.

    Where the clock was set back, the dead have beaten in the future; the living beat anew.
    """
    return now - HEARTBEAT_FRESH, now + HEARTBEAT_FRESH
