"""The host's clock jumps by an hour, either way: nothing waits for that hour.

On SQLite, which uses the host's clock. With PostgreSQL all hosts use its server's.
"""

import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.crashes import settle_with_a_worker
from tests.faults.clock import COMPILER, JumpingClock
from tests.faults.invariants import assert_sound
from tests.faults.outside import Outside, outside_of
from tests.faults.strays import Strays
from tests.stack import Stack, wait_until
from tests.visitor import Visitor

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="the clock is set by preloading, on Linux"),
    pytest.mark.skipif(COMPILER is None, reason="needs a C compiler"),
    pytest.mark.skipif(
        os.environ.get("TEST_DATABASE_URL", "").startswith("postgres"),
        reason="on SQLite alone: PostgreSQL's clock is its server's",
    ),
]

AN_HOUR = 3600.0
INTERVAL = 0.2
PEOPLE = tuple(f"10400500{number}1" for number in range(4))

IN_A_NAMESPACE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
"""A worker in its own namespace sees no other processes, as on another machine."""


@pytest.fixture
def clock(tmp_path: Path) -> JumpingClock:
    return JumpingClock(tmp_path)


@pytest.fixture
def outside(stack: Stack, clock: JumpingClock) -> Iterator[Outside]:
    """The census, whose clock is right, for a product whose clock jumps."""
    stack.environment |= clock.environment
    with outside_of(stack, captcha_latency=4.0) as outside:
        yield outside


def may_hide() -> bool:
    """True if processes can be started in their own namespace."""
    if shutil.which(IN_A_NAMESPACE[0]) is None:
        return False
    tried = subprocess.run([*IN_A_NAMESPACE, "true"], check=False, capture_output=True)
    return tried.returncode == 0


@pytest.mark.parametrize("seconds", [-AN_HOUR, AN_HOUR], ids=["back", "forward"])
@pytest.mark.environment(LOOKUP_INTERVAL_SECONDS=str(INTERVAL))
def test_lookups_in_flight_go_on_and_the_worker_is_seen_alive(
    stack: Stack, strays: Strays, clock: JumpingClock, outside: Outside, seconds: float
) -> None:
    stack.start_web()
    stack.register(*PEOPLE)
    worker = stack.start_worker()
    wait_until(lambda: outside.asked() >= 2, "captchas are being solved")

    before = last_beat(stack)
    clock.set(seconds)
    wait_until(
        lambda: abs((last_beat(stack) - before).total_seconds()) > AN_HOUR / 2,
        "the worker gives a sign of life by the clock as it is now",
        seconds=30,
    )
    assert stack.health()["workers"] == 1
    Visitor(stack.web_url).register("1040050101")
    settle_with_a_worker(stack, worker)

    assert worker.poll() is None
    moments = sorted(visit["monotonic"] for visit in outside.log()["visits"])
    assert min(after - before for before, after in itertools.pairwise(moments)) >= INTERVAL
    # Set forward, leases have run out: lookups in flight are made once more.
    most = len(PEOPLE) * (2 if seconds > 0 else 1) + 1
    assert outside.asked() <= most, "captchas were bought over and over"
    assert_sound(stack, strays)


@pytest.mark.skipif(not may_hide(), reason="needs root and unshare")
def test_set_back_while_a_worker_elsewhere_dies_its_lease_does_not_last_an_hour(
    stack: Stack, strays: Strays, clock: JumpingClock, outside: Outside
) -> None:
    outside.change(captcha_latency=60.0)
    stack.start_web()
    stack.register(*PEOPLE)
    elsewhere = stack.start("hidden", "manage.py", "qcluster", inside=IN_A_NAMESPACE)
    wait_until(lambda: outside.asked() >= 2, "captchas are being solved")

    kill_all(elsewhere)
    outside.change(captcha_latency=0.5)
    clock.set(-AN_HOUR)

    assert stack.health()["workers"] == 0, "the dead worker passes for alive"
    settle_with_a_worker(stack, stack.start_worker())
    assert_sound(stack, strays)


@pytest.mark.environment(PAUSE_AFTER_BLOCKS="1", PAUSE_SECONDS="4", RETRY_DELAYS_SECONDS="2,2,2")
def test_set_back_during_a_pause_the_pause_and_all_that_wait_are_brought_near(
    stack: Stack, strays: Strays, clock: JumpingClock, outside: Outside
) -> None:
    outside.change(mode="blocked")
    stack.start_web()
    stack.register(*PEOPLE)
    worker = stack.start_worker()
    wait_until(lambda: stack.health()["paused_until"], "everybody pauses")
    wait_until(lambda: "PROCESSING" not in stack.statuses(), "nobody is looked up")

    clock.set(-AN_HOUR)
    outside.change(mode="ok", captcha_latency=0.5)

    settle_with_a_worker(stack, worker)
    assert stack.health()["paused_until"] is None
    assert_sound(stack, strays)


def last_beat(stack: Stack) -> datetime:
    """The only worker's last heartbeat, by its clock."""
    (row,) = stack.query("SELECT beat_at FROM census_workerheartbeat")
    return datetime.fromisoformat(row["beat_at"])


def kill_all(worker: subprocess.Popen[bytes]) -> None:
    """Kill the first process of the namespace, and so all of it."""
    worker.send_signal(signal.SIGKILL)
    worker.wait()
