"""The tasks of the task queue. The work is in the rows: a task is a wake-up and may run twice."""

from census.worker import dispatcher


def validate_cedula(user_id: int) -> None:
    """Look this person's cédula up, and then whatever else is due."""
    dispatcher.run_in_this_process(user_id)


def look_up_what_is_due() -> None:
    """Look up whatever is due; sent by the sweep."""
    dispatcher.run_in_this_process()
