"""Celery with late acknowledgement: a job leaves the queue only when it is done."""

from benchmarks.contenders.celery_settings import *  # noqa: F403
from benchmarks.contenders.celery_settings import CELERY_BROKER_TRANSPORT_OPTIONS
from benchmarks.contenders.conditions import LEASE_SECONDS

CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {
    **CELERY_BROKER_TRANSPORT_OPTIONS,
    "visibility_timeout": LEASE_SECONDS,  # an hour by default
    # Check every second whether that has passed, not every hundred seconds.
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
