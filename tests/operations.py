"""Ended attempts and workers' heartbeats, for tests of the operator's pages."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.utils import timezone

from census.models import CedulaInfo, LookupAttempt, WorkerHeartbeat
from census.worker.code_version import code_version


def ended(
    info: CedulaInfo, outcome: str, ago: timedelta, seconds: float = 20, solves_paid: int = 1
) -> None:
    """Log an attempt at `info` that ended so long `ago`, after so many `seconds`."""
    at = timezone.now() - ago
    LookupAttempt.objects.create(
        info=info,
        claim=uuid4(),
        number=1,
        worker="host/boot-1/7/8",
        started_at=at - timedelta(seconds=seconds),
        ended_at=at,
        outcome=outcome,
        solves_paid=solves_paid,
    )


def beat(ago: timedelta, *, host: str = "host", pid: int = 7, version: str = "") -> None:
    """Store a worker's heartbeat; `version` defaults to the running code's."""
    at: datetime = timezone.now() - ago
    WorkerHeartbeat.objects.create(
        cluster_id=uuid4(),
        host=host,
        pid=pid,
        version=version or code_version(),
        started_at=at - timedelta(hours=3),
        beat_at=at,
    )
