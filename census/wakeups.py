"""Tell the workers that something is due.

Named by their path, the tasks are not imported here: a web process needs no browser's driver.
"""

import logging

from django_q.brokers import get_broker
from django_q.tasks import async_task

logger = logging.getLogger(__name__)


def wake_for(user_id: int) -> None:
    """Queue this person's lookup. A queue that fails is logged: the sweep makes up for it."""
    try:
        async_task("census.tasks.validate_cedula", user_id)
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
