"""Everything may be killed at any moment, or stopped: nothing is stuck, lost or left behind.

What happens when one process alone is killed is in tests/faults.
"""

import os
import signal

import pytest

from tests.crashes import busy_stack, settle_with_a_worker
from tests.stack import Stack, family, is_alive, kill, wait_until

pytestmark = [pytest.mark.e2e]

STOPPED_WITHIN_SECONDS = 30.0


def test_all_processes_killed_at_once_lose_nothing(stack: Stack) -> None:
    worker = busy_stack(stack)
    for process in family(worker.pid):
        kill(process)
    worker.wait(5)

    settle_with_a_worker(stack, worker)


@pytest.mark.parametrize("whom", ["main", "group"])
def test_a_stop_finishes_or_hands_back_and_leaves_no_browser(stack: Stack, whom: str) -> None:
    worker = busy_stack(stack)
    before = family(worker.pid)

    if whom == "main":
        worker.send_signal(signal.SIGTERM)
    else:
        os.killpg(worker.pid, signal.SIGTERM)

    assert worker.wait(STOPPED_WITHIN_SECONDS) == 0
    assert not list(filter(is_alive, before))
    assert "PROCESSING" not in stack.statuses()
    attempts_burned = [row["retry_count"] for row in stack.lookups().values()]
    assert attempts_burned == [0] * 6
    stack.start_worker("worker-again")
    wait_until(lambda: set(stack.statuses()) == {"ACTIVE"}, "the rest is settled")
