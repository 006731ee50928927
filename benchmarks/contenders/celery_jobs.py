"""Jobs for Celery, in Redis."""

import os
import time

import redis
from celery import Celery

from benchmarks.contenders import journal

app = Celery("peers")
app.config_from_object("django.conf:settings", namespace="CELERY")


@app.task
def do(job: int) -> None:
    journal.do(job)


def queue(job: int) -> float:
    do.delay(job)
    return time.time()


def left() -> int:
    keys = os.environ["CONTENDERS_KEYS"]
    with redis.from_url(os.environ["CONTENDERS_REDIS"]) as broker:
        return int(broker.llen(f"{keys}celery")) + int(broker.hlen(f"{keys}unacked"))
