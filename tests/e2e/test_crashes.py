"""Any process may be killed at any moment: nothing is stuck, lost or left behind."""

import os
import signal
import subprocess
from collections.abc import Callable

import psutil
import pytest

from tests.stack import Stack, family, is_alive, kill, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

SETTLED_WITHIN_SECONDS = 60.0
STOPPED_WITHIN_SECONDS = 30.0


def titled(worker: subprocess.Popen[bytes], words: str) -> list[psutil.Process]:
    """The processes of the cluster whose command line holds `words`."""
    found = []
    for process in family(worker.pid):
        try:
            if words in " ".join(process.cmdline()):
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def main_process(worker: subprocess.Popen[bytes]) -> psutil.Process:
    return psutil.Process(worker.pid)


def sentinel(worker: subprocess.Popen[bytes]) -> psutil.Process:
    (child,) = main_process(worker).children()
    return child


def queue_worker(worker: subprocess.Popen[bytes]) -> psutil.Process:
    drivers = titled(worker, "run-driver")
    if drivers:
        return drivers[0].parent() or pytest.fail("the driver has no parent")
    idle = titled(worker, " idle")
    return idle[0] if idle else pytest.fail("no worker process")


def monitor(worker: subprocess.Popen[bytes]) -> psutil.Process:
    return titled(worker, "monitor")[0]


def pusher(worker: subprocess.Popen[bytes]) -> psutil.Process:
    return titled(worker, "pusher")[0]


def driver(worker: subprocess.Popen[bytes]) -> psutil.Process:
    return titled(worker, "run-driver")[0]


def chromium(worker: subprocess.Popen[bytes]) -> psutil.Process:
    return next(p for p in titled(worker, "--remote-debugging") if "--type=" not in p.cmdline())


def settle_with_a_worker(stack: Stack, worker: subprocess.Popen[bytes]) -> None:
    """See every row settle, the worker started anew if it has died, as a supervisor does."""
    if worker.poll() is not None:
        assert worker.returncode != 0
        stack.start_worker("worker-again")
    wait_until(
        lambda: set(stack.statuses()) == {"ACTIVE"},
        "all rows are settled",
        seconds=SETTLED_WITHIN_SECONDS,
    )


def busy_stack(stack: Stack, captcha_latency: float = 4.0) -> subprocess.Popen[bytes]:
    """Six lookups, some of them in flight and waiting for their captcha."""
    stack.start_simulator(captcha_latency=captcha_latency)
    stack.register(*(f"10300400{number}1" for number in range(6)))
    worker = stack.start_worker()
    wait_until(lambda: len(stack.simulator_log()["captchas"]) >= 2, "captchas are being solved")
    return worker


VICTIMS: list[Callable[[subprocess.Popen[bytes]], psutil.Process]] = [
    main_process,
    sentinel,
    queue_worker,
    monitor,
    pusher,
    driver,
    chromium,
]


@pytest.mark.parametrize("victim", VICTIMS, ids=lambda victim: victim.__name__)
def test_whatever_is_killed_in_the_middle_everything_settles(
    stack: Stack, victim: Callable[[subprocess.Popen[bytes]], psutil.Process]
) -> None:
    worker = busy_stack(stack)
    before = family(worker.pid)

    kill(victim(worker))
    if victim not in (driver, chromium):
        assert worker.wait(15) != 0
        wait_until(
            lambda: not any(map(is_alive, before)),
            "no process of the dead cluster remains",
            seconds=15,
        )
    settle_with_a_worker(stack, worker)


def test_all_processes_killed_at_once_lose_nothing(stack: Stack) -> None:
    worker = busy_stack(stack)
    for process in family(worker.pid):
        kill(process)
    worker.wait(5)

    settle_with_a_worker(stack, worker)


def test_an_idle_worker_that_is_killed_ends_the_cluster(stack: Stack) -> None:
    stack.start_simulator()
    worker = stack.start_worker()
    wait_until(lambda: titled(worker, " idle"), "the worker is idle")

    kill(titled(worker, " idle")[0])

    assert worker.wait(15) != 0
    stack.register("1030040011")
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
