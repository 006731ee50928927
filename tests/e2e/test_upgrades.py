"""An upgrade that forgets a worker: it goes on taking tasks with the code of yesterday."""

import signal
import socket
from pathlib import Path

import pytest

from tests.stack import Stack, copy_of_the_product, wait_until

pytestmark = [pytest.mark.e2e]

CONTRACT = {"database", "workers", "due", "oldest_due_seconds", "paused_until"}


def test_a_worker_with_other_code_is_reported_until_it_stops(stack: Stack, tmp_path: Path) -> None:
    yesterday = copy_of_the_product(tmp_path / "yesterday")
    with (yesterday / "census" / "dispatcher.py").open("a") as code:
        code.write("# As it was before the upgrade.\n")
    stack.start_web()
    worker = stack.start_worker()
    wait_until(lambda: stack.health()["workers"] == 1, "the worker lives")
    assert stack.health().keys() == CONTRACT

    forgotten = stack.start("forgotten", "manage.py", "qcluster", cwd=yesterday)
    wait_until(lambda: stack.health().get("outdated_workers") == 1, "the monitor is told")
    assert stack.health()["workers"] == 2
    warning = f"process {forgotten.pid} on {socket.gethostname()} runs"
    wait_until(lambda: warning in stack.log("worker"), "the worker warns of the forgotten one")
    wait_until(
        lambda: f"process {worker.pid} on" in stack.log("forgotten"), "and the forgotten one of it"
    )

    forgotten.send_signal(signal.SIGTERM)
    assert forgotten.wait(30) == 0
    assert stack.health().keys() == CONTRACT
    assert stack.health()["workers"] == 1
    assert stack.log("worker").count("other code") == 1
