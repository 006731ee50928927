"""CAPTCHA_DAILY_LIMIT with real workers: not one captcha more, and all goes on when it may."""

import os
import signal
import subprocess

import pytest
from playwright.sync_api import Page

from tests.stack import Stack, wait_until
from tests.superadmin import enter, make_superadmin, resume

pytestmark = [pytest.mark.e2e]

CEDULAS = [f"10300600{number}1" for number in range(6)]


def clusters() -> int:
    """Two where the database may be shared by hosts."""
    return 2 if os.environ.get("TEST_DATABASE_URL", "").startswith("postgres") else 1


def start_workers(stack: Stack, name: str) -> list[subprocess.Popen[bytes]]:
    return [stack.start_worker(f"{name}-{number}") for number in range(clusters())]


def captchas(stack: Stack) -> int:
    return len(stack.simulator_log()["captchas"])


def counted(stack: Stack) -> list[tuple[int, int]]:
    rows = stack.query("SELECT taken, bought FROM scraper_captchaday")
    return [(row["taken"], row["bought"]) for row in rows]


@pytest.mark.environment(CAPTCHA_DAILY_LIMIT="3", LOOKUP_TIMEOUT_SECONDS="120")
def test_a_day_buys_what_it_may_and_the_rest_waits_until_an_operator_lets_it(
    stack: Stack, page: Page
) -> None:
    stack.start_simulator()
    stack.start_web()
    make_superadmin(stack)
    stack.register(*CEDULAS)
    workers = start_workers(stack, "worker")
    wait_until(
        lambda: stack.statuses() == {"ACTIVE": 3, "PENDING": 3},
        "three are answered and three wait",
        seconds=120,
    )
    wait_until(lambda: counted(stack) == [(3, 3)], "three captchas are counted")
    waiting = [row for row in stack.lookups().values() if row["status"] == "PENDING"]
    assert {(row["attempts"], row["retry_count"]) for row in waiting} == {(0, 0)}
    assert stack.health()["pause_reason"] == "limit"
    assert captchas(stack) == 3

    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(40) for worker in workers] == [0] * len(workers)
    stack.environment["CAPTCHA_DAILY_LIMIT"] = "6"
    start_workers(stack, "again")
    enter(page, stack)
    resume(page, stack)
    wait_until(lambda: stack.statuses() == {"ACTIVE": 6}, "all are answered", seconds=120)
    assert captchas(stack) == 6
