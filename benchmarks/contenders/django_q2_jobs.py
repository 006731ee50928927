"""Jobs for django-q2, in its table."""

import time

from django_q.models import OrmQ
from django_q.tasks import async_task


def queue(job: int) -> float:
    async_task("benchmarks.contenders.journal.do", job)
    return time.time()


def left() -> int:
    return int(OrmQ.objects.count())
