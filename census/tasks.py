"""What the queue runs. The rows hold the work; a task only points at it, and may run twice."""

from census.worker import dispatcher


def validate_cedula(user_id: int) -> None:
    """Look this person's cédula up, and then whatever else is due."""
    dispatcher.run_in_this_process(user_id)


def look_up_what_is_due() -> None:
    """Look up whatever is due: the sweep's wake-up."""
    dispatcher.run_in_this_process()
