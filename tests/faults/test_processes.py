"""A process of the worker is killed or hangs: all lookups are answered, no process is left."""

import subprocess
from collections.abc import Callable

import psutil
import pytest

from tests.cluster import (
    chromium,
    chromiums,
    driver,
    drivers,
    main_process,
    monitor,
    pusher,
    queue_worker,
    sentinel,
    titled,
)
from tests.crashes import busy_stack, outcomes, settle_with_a_worker
from tests.faults.invariants import assert_sound
from tests.faults.strays import Strays
from tests.stack import Stack, family, is_alive, kill, wait_until
from tests.visitor import Visitor

pytestmark = [pytest.mark.e2e]

DEAD_WITHIN_SECONDS = 15.0
MINUTE_AND_SOME = 80.0
"""A cluster that hangs ends within a minute, on a machine with nothing else to do."""

Victim = Callable[[subprocess.Popen[bytes]], psutil.Process]

OF_THE_CLUSTER: list[Victim] = [main_process, sentinel, queue_worker, monitor, pusher]
OF_THE_BROWSER: list[Victim] = [driver, chromium]

THE_CLUSTER_ENDS = "The cluster ends, to be started anew"
A_BROWSER_IS_LOST = "A browser is given up"


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
    # The sentinel logs it; it dies with the main process.
    is_logged = victim not in (main_process, sentinel)
    assert (THE_CLUSTER_ENDS in stack.log("worker")) == is_logged
    settle_with_a_worker(stack, worker)
    assert "LeaseLost" in outcomes(stack)
    assert_sound(stack, strays)


@pytest.mark.parametrize("victim", OF_THE_BROWSER, ids=lambda victim: victim.__name__)
def test_a_browser_that_is_killed_is_replaced_by_the_same_worker(
    stack: Stack, strays: Strays, victim: Victim
) -> None:
    worker = busy_stack(stack)

    kill(victim(worker))

    settle_with_a_worker(stack, worker)
    assert A_BROWSER_IS_LOST in stack.log("worker")
    assert "BrowserCrashed" in outcomes(stack)
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


# --- Processes that hang ------------------------------------------------------------------------


def renderers(worker: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The pages' processes; the browser itself goes on answering."""
    return titled(worker, "--type=renderer")


@pytest.mark.parametrize(
    ("which", "outcome"),
    [(drivers, "BrowserCrashed"), (chromiums, "BrowserCrashed"), (renderers, "SiteTimeout")],
    ids=["the driver", "the browser", "its pages"],
)
@pytest.mark.environment(LOOKUP_TIMEOUT_SECONDS="15")
def test_what_hangs_in_a_browser_is_ended_by_the_same_worker(
    stack: Stack,
    strays: Strays,
    which: Callable[[subprocess.Popen[bytes]], list[psutil.Process]],
    outcome: str,
) -> None:
    worker = busy_stack(stack, captcha_latency=2.0)
    hung = which(worker)
    assert hung

    for process in hung:
        process.suspend()

    settle_with_a_worker(stack, worker)
    wait_until(lambda: not any(map(is_alive, hung)), "what hung is killed")
    assert outcome in outcomes(stack)
    assert worker.poll() is None
    assert_sound(stack, strays)


BLOCK_THE_SECOND_ANSWER = """
import sys, time
from scraper.adapters import answers
text_of, seen = answers.text_of, []
def blocking(body):
    seen.append(body)
    if len(seen) == 2:
        time.sleep(3600)
    return text_of(body)
answers.text_of = blocking
sys.argv = ["manage.py", "qcluster"]
import manage
manage.main()
"""


def test_a_worker_whose_lookups_are_blocked_ends_within_a_minute_and_is_started_anew(
    stack: Stack, strays: Strays
) -> None:
    """An answer that took for ever to decode held up all lookups for 17 minutes, in silence."""
    stack.start_simulator(captcha_latency=0)
    stack.register("1030060011", "1030060021", "1030060031", "1030060041")
    worker = stack.start("worker", "-c", BLOCK_THE_SECOND_ANSWER)
    wait_until(lambda: stack.statuses()["ACTIVE"], "one is answered; the next answer blocks")
    before = family(worker.pid)

    assert worker.wait(MINUTE_AND_SOME) != 0
    assert f"{THE_CLUSTER_ENDS}: " in stack.log("worker")
    assert "hangs." in stack.log("worker")
    wait_until(lambda: not any(map(is_alive, before)), "no process of it remains")
    settle_with_a_worker(stack, worker)
    assert_sound(stack, strays)


# --- The web server -----------------------------------------------------------------------------


def test_a_web_server_whose_main_process_is_killed_ends_and_can_be_started_anew(
    stack: Stack, strays: Strays
) -> None:
    stack.start_simulator()
    web = stack.start_web()
    before = family(web.pid)
    person = Visitor(stack.web_url)
    person.register("1030040021")

    kill(psutil.Process(web.pid))

    web.wait(DEAD_WITHIN_SECONDS)
    wait_until(lambda: not any(map(is_alive, before)), "no process of it remains")
    stack.start_web()
    assert person.read("/perfil/").url == f"{stack.web_url}/perfil/"  # logged in as before
    settle_with_a_worker(stack, stack.start_worker())
    assert_sound(stack, strays)
