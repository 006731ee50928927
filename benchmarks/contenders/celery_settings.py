"""Celery with Redis for a broker, at its defaults."""

import os
from typing import Any

from benchmarks.contenders.conditions import AT_ONCE
from benchmarks.contenders.settings import *  # noqa: F403

CELERY_BROKER_URL = os.environ["CONTENDERS_REDIS"]
# A prefix of this run's keys, so that they can be deleted.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "global_keyprefix": os.environ["CONTENDERS_KEYS"]
}
CELERY_WORKER_CONCURRENCY = AT_ONCE
CELERY_TASK_IGNORE_RESULT = True
