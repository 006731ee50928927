"""The heartbeats of clusters, and which clusters live."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from census.models import WorkerHeartbeat

HEARTBEAT_FRESH = timedelta(seconds=15)
"""A cluster writes a heartbeat every 5 s; after three missed ones it counts as gone."""


def living_workers() -> QuerySet[WorkerHeartbeat]:
    """The clusters with a fresh heartbeat, on any host."""
    oldest, latest = fresh_beats(timezone.now())
    return WorkerHeartbeat.objects.filter(beat_at__gt=oldest, beat_at__lt=latest)


def fresh_beats(now: datetime) -> tuple[datetime, datetime]:
    """The limits between which the last heartbeat of a cluster lies that lives at `now`.

    After a clock was set back, dead clusters have heartbeats in the future; living ones write new.
    """
    return now - HEARTBEAT_FRESH, now + HEARTBEAT_FRESH
