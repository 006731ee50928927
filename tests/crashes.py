"""A worker that is busy when something happens to it, and what must come after."""

import subprocess

from tests.stack import Stack, wait_until

SETTLED_WITHIN_SECONDS = 60.0


def busy_stack(stack: Stack, captcha_latency: float = 4.0) -> subprocess.Popen[bytes]:
    """Six lookups, some of them in flight and waiting for their captcha."""
    stack.start_simulator(captcha_latency=captcha_latency)
    stack.register(*(f"10300400{number}1" for number in range(6)))
    worker = stack.start_worker()
    wait_until(lambda: len(stack.simulator_log()["captchas"]) >= 2, "captchas are being solved")
    return worker


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


def outcomes(stack: Stack) -> set[str]:
    """How the attempts have ended so far; '' is one that runs."""
    return {line["outcome"] for line in stack.query("SELECT outcome FROM census_lookupattempt")}
