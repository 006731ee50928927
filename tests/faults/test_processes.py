"""One process of the worker is killed or hangs: everybody has their answer, nothing is left."""

import subprocess
from collections.abc import Callable

import psutil
import pytest

from tests.cluster import (
    chromium,
    driver,
    main_process,
    monitor,
    pusher,
    queue_worker,
    sentinel,
    titled,
)
from tests.crashes import busy_stack, settle_with_a_worker
from tests.faults.invariants import assert_sound
from tests.faults.strays import Strays
from tests.stack import Stack, family, is_alive, kill, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

DEAD_WITHIN_SECONDS = 15.0

Victim = Callable[[subprocess.Popen[bytes]], psutil.Process]

OF_THE_CLUSTER: list[Victim] = [main_process, sentinel, queue_worker, monitor, pusher]
OF_THE_BROWSER: list[Victim] = [driver, chromium]


@pytest.mark.parametrize("victim", OF_THE_CLUSTER, ids=lambda victim: victim.__name__)
def test_a_cluster_of_which_one_process_is_killed_dies_as_a_whole_and_is_started_anew(
    stack: Stack, strays: Strays, victim: Victim
) -> None:
    worker = busy_stack(stack)
    before = family(worker.pid)

    kill(victim(worker))

    assert worker.wait(DEAD_WITHIN_SECONDS) != 0
    wait_until(
        lambda: not any(map(is_alive, before)),
        "no process of the dead cluster remains",
        seconds=DEAD_WITHIN_SECONDS,
    )
    settle_with_a_worker(stack, worker)
    assert_sound(stack, strays)


@pytest.mark.parametrize("victim", OF_THE_BROWSER, ids=lambda victim: victim.__name__)
def test_a_browser_that_is_killed_is_replaced_by_the_same_worker(
    stack: Stack, strays: Strays, victim: Victim
) -> None:
    worker = busy_stack(stack)

    kill(victim(worker))

    settle_with_a_worker(stack, worker)
    assert worker.poll() is None
    assert_sound(stack, strays)


def test_an_idle_worker_that_is_killed_ends_the_cluster(stack: Stack, strays: Strays) -> None:
    stack.start_simulator()
    worker = stack.start_worker()
    wait_until(lambda: titled(worker, " idle"), "the worker is idle")

    kill(titled(worker, " idle")[0])

    assert worker.wait(DEAD_WITHIN_SECONDS) != 0
    stack.register("1030040011")
    settle_with_a_worker(stack, worker)
    assert_sound(stack, strays)
