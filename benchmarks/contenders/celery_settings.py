"""Celery with Redis for a broker, as it comes."""

import os
from typing import Any

from benchmarks.contenders.conditions import AT_ONCE
from benchmarks.contenders.settings import *  # noqa: F403

CELERY_BROKER_URL = os.environ["CONTENDERS_REDIS"]
# Keys of this project's own, so that they can be deleted.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "global_keyprefix": os.environ["CONTENDERS_KEYS"]
}
CELERY_WORKER_CONCURRENCY = AT_ONCE
CELERY_TASK_IGNORE_RESULT = True
