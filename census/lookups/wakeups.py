"""The queue, as the rest sees it: tell the workers that something is due, and what failed.

Named by their path, the tasks are not imported here: a web process needs no browser's driver.
"""

import logging
from typing import Any

from django.db.models import QuerySet
from django_q.brokers import get_broker
from django_q.models import Failure
from django_q.tasks import async_task

logger = logging.getLogger(__name__)


def wake_for(user_id: int) -> None:
    """Queue this person's lookup. A queue that fails is logged: the sweep makes up for it."""
    try:
        async_task("census.tasks.validate_cedula", user_id)
        logger.info(
            "The lookup of user %s is queued.", user_id, extra={"fields": {"user_id": user_id}}
        )
    except Exception:  # each broker has its own; the person's request must not fail for any
        logger.exception("User %s could not be queued; the sweep will do it.", user_id)


def wake() -> None:
    """Queue one wake-up for all that is due. A queue that fails is logged, as above."""
    try:
        wake_if_none_waits()
    except Exception:  # the same
        logger.exception("The queue fails; the sweep will wake a worker.")


def wake_if_none_waits() -> None:
    """Queue a wake-up for whatever is due, unless one waits in the queue already."""
    if get_broker().queue_size() == 0:
        async_task("census.tasks.look_up_what_is_due")


def failed_tasks() -> QuerySet[Any]:
    """The tasks that ended by an exception, as the queue keeps them: with user ids."""
    tasks: QuerySet[Any] = Failure.objects.all()
    return tasks
