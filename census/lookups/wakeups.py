"""The task queue as the rest of the code sees it: wake-ups for the workers, and failed tasks.

Tasks are named by their path and not imported: a web process needs no browser's driver.
"""

import logging
from typing import Any

from django.db.models import QuerySet
from django_q.brokers import get_broker
from django_q.models import Failure
from django_q.tasks import async_task

logger = logging.getLogger(__name__)


def wake_for(user_id: int) -> None:
    """Send a wake-up for this person's lookup; a failure is logged, and the sweep repairs it."""
    try:
        async_task("census.tasks.validate_cedula", user_id)
        logger.info(
            "The lookup of user %s is queued.", user_id, extra={"fields": {"user_id": user_id}}
        )
    except Exception:  # brokers raise errors of their own; the person's request must not fail
        logger.exception("User %s could not be queued; the sweep will do it.", user_id)


def wake() -> None:
    """Send one wake-up for all due rows; a failure is logged, as above."""
    try:
        wake_if_none_waits()
    except Exception:  # as in wake_for
        logger.exception("The queue fails; the sweep will wake a worker.")


def wake_if_none_waits() -> None:
    """Send a wake-up for all due rows, unless the task queue holds one already."""
    if get_broker().queue_size() == 0:
        async_task("census.tasks.look_up_what_is_due")


def failed_tasks() -> QuerySet[Any]:
    """The tasks that ended by an exception, as the task queue stores them, with user ids."""
    tasks: QuerySet[Any] = Failure.objects.all()
    return tasks
