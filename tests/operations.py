"""Attempts that ended, workers that beat: for tests of what an operator is shown."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.utils import timezone

from census.models import CedulaInfo, LookupAttempt, WorkerHeartbeat
from census.worker.code_version import code_version


def ended(
    info: CedulaInfo, outcome: str, ago: timedelta, seconds: float = 20, solves_paid: int = 1
) -> None:
    """An attempt at `info` that ended so long `ago`, after so many `seconds`."""
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
    """A sign of life of a worker; of this code where no `version` is given."""
    at: datetime = timezone.now() - ago
    WorkerHeartbeat.objects.create(
        cluster_id=uuid4(),
        host=host,
        pid=pid,
        version=version or code_version(),
        started_at=at - timedelta(hours=3),
        beat_at=at,
    )
