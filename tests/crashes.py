"""A worker that is busy when a fault happens, and the state that must follow."""

import subprocess
from collections import Counter

from tests.stack import Stack, wait_until

SETTLED_WITHIN_SECONDS = 60.0


def busy_stack(stack: Stack, captcha_latency: float = 4.0) -> subprocess.Popen[bytes]:
    """Start a worker on six lookups; return it when some are waiting for their captcha."""
    stack.start_simulator(captcha_latency=captcha_latency)
    stack.register(*(f"10300400{number}1" for number in range(6)))
    worker = stack.start_worker()
    wait_until(lambda: len(stack.simulator_log()["captchas"]) >= 2, "captchas are being solved")
    return worker


def settle_with_a_worker(stack: Stack, worker: subprocess.Popen[bytes]) -> None:
    """Wait until every row is settled; restart the worker if it died, as a supervisor does."""
    if worker.poll() is not None:
        assert worker.returncode != 0
        stack.start_worker("worker-again")
    wait_until(
        lambda: set(stack.statuses()) == {"ACTIVE"},
        "all rows are settled",
        seconds=SETTLED_WITHIN_SECONDS,
    )


def outcomes(stack: Stack) -> Counter[str]:
    """Count the attempts so far by outcome; '' for those that run."""
    attempts = stack.query("SELECT outcome FROM census_lookupattempt")
    return Counter(attempt["outcome"] for attempt in attempts)


def worker_of(stack: Stack) -> subprocess.Popen[bytes]:
    """The only worker that the test has started."""
    (worker,) = (process for process in stack.processes if "qcluster" in str(process.args))
    return worker
