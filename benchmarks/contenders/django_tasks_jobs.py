"""Jobs for Django's tasks, in the table of the backend that the settings name."""

import time
from typing import Any

from django.apps import apps
from django_tasks import task

from benchmarks.contenders import journal


@task()
def do(job: int) -> None:
    journal.do(job)


def queue(job: int) -> float:
    do.enqueue(job)
    return time.time()


def left() -> int:
    is_ox = apps.is_installed("django_ox")
    name = "django_ox.OxTask" if is_ox else "django_tasks_database.DBTaskResult"
    table: Any = apps.get_model(name)
    return int(table.objects.filter(status__in=("READY", "RUNNING")).count())
