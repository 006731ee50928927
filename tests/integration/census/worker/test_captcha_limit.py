"""CAPTCHA_DAILY_LIMIT: never one captcha more, nobody loses a try for it, and it goes on."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from census import tasks
from census.models import CedulaInfo, LookupAttempt
from census.states import Status
from census.worker.captcha_permits import CaptchaPermits
from scraper.errors import SolverLimitReached
from scraper.gate import captcha_budget
from scraper.gate.pauses import PauseReason
from scraper.gate.visits import Gate
from scraper.models import CaptchaDay
from scraper.simulator import Simulator
from tests.lookups import new_lookup

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("one_day")]

ERRORS = logging.ERROR


@pytest.fixture
def simulator(settings: Settings) -> Iterator[Simulator]:
    with Simulator(port=0, captcha_latency=0.3) as simulator:
        settings.REGISTRADURIA_URL = simulator.page_url("A")
        settings.LOOKUP_INTERVAL_SECONDS = 0.2
        settings.LOOKUP_TIMEOUT_SECONDS = 60
        settings.CAPTCHA_SOLVER = "2captcha"
        settings.CAPTCHA_DAILY_LIMIT = 2
        settings.TWOCAPTCHA_URL = simulator.url
        settings.TWOCAPTCHA_API_KEY = "demo"
        settings.TWOCAPTCHA_POLLING_SECONDS = 0.1
        settings.PAUSE_SECONDS = (60.0,)
        yield simulator


def today() -> CaptchaDay:
    return CaptchaDay.objects.get(day=timezone.localdate())


def counts() -> tuple[int, int]:
    return today().taken, today().bought


def wait_for_lookups(number: int = 5) -> None:
    for i in range(number):
        new_lookup(f"10200300{i}1")


def test_not_one_captcha_more_is_bought_and_who_is_left_waits_as_before(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    wait_for_lookups()

    tasks.look_up_what_is_due()

    assert len(simulator.log()["captchas"]) == 2
    assert counts() == (2, 2)
    assert CedulaInfo.objects.filter(status=Status.ACTIVE).count() == 2
    left = CedulaInfo.objects.filter(status=Status.PENDING)
    assert list(left.values_list("attempts", "retry_count", "error_kind")) == [(0, 0, "")] * 3
    state = Gate.state()
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert state.pause_reason is PauseReason.LIMIT
    assert state.paused_until is not None
    assert timezone.localtime(state.paused_until).replace(tzinfo=None) == datetime.combine(
        tomorrow, datetime.min.time()
    )
    (told,) = [line for line in caplog.records if "CAPTCHA_DAILY_LIMIT is reached" in line.message]
    assert told.levelno == ERRORS


def test_a_day_that_is_spent_visits_nobody_though_somebody_has_resumed(
    simulator: Simulator,
) -> None:
    CaptchaDay.objects.create(day=timezone.localdate(), taken=2, bought=2)
    wait_for_lookups(1)

    tasks.look_up_what_is_due()

    assert simulator.log()["visits"] == []
    assert Gate.state().pause_reason is PauseReason.LIMIT
    assert not LookupAttempt.objects.exists()


def test_it_goes_on_once_the_limit_is_raised_and_the_operator_resumes(
    simulator: Simulator, settings: Settings
) -> None:
    wait_for_lookups(4)
    tasks.look_up_what_is_due()

    settings.CAPTCHA_DAILY_LIMIT = 3
    Gate(0.2).resume()
    tasks.look_up_what_is_due()

    assert len(simulator.log()["captchas"]) == 3
    assert CedulaInfo.objects.filter(status=Status.ACTIVE).count() == 3


def test_yesterdays_captchas_do_not_count(simulator: Simulator) -> None:
    CaptchaDay.objects.create(day=timezone.localdate() - timedelta(days=1), taken=2, bought=2)
    wait_for_lookups(1)

    tasks.look_up_what_is_due()

    assert counts() == (1, 1)


def test_without_a_limit_everything_is_counted_all_the_same(
    simulator: Simulator, settings: Settings
) -> None:
    settings.CAPTCHA_DAILY_LIMIT = 0
    wait_for_lookups(3)

    tasks.look_up_what_is_due()

    assert counts() == (3, 3)
    assert Gate.state().pause_reason is None


@pytest.mark.parametrize(
    ("failure", "taken"),
    [
        ("zero_balance", 0),  # certainly not bought
        ("no_slot", 0),
        ("unsolvable", 1),  # the service took it on
        ("down", 1),  # nobody knows what became of the order
    ],
)
def test_what_was_certainly_not_bought_counts_for_nothing(
    simulator: Simulator, failure: str, taken: int
) -> None:
    simulator.set(captcha_failure=failure)
    wait_for_lookups(1)

    tasks.look_up_what_is_due()

    assert today().taken == taken


def test_a_site_without_a_captcha_is_asked_whatever_the_limit(
    simulator: Simulator, settings: Settings
) -> None:
    settings.CAPTCHA_DAILY_LIMIT = 1
    simulator.set(captcha=False)
    wait_for_lookups(3)

    tasks.look_up_what_is_due()

    assert CedulaInfo.objects.filter(status=Status.ACTIVE).count() == 3
    assert not CaptchaDay.objects.exists()


# --- The counter, and who asks it ---------------------------------------------------------------

BUYER = """
import sys, django
django.setup()
from datetime import date
from scraper.gate import captcha_budget
taken = 0
while captcha_budget.take(date(2026, 11, 24), int(sys.argv[1])):
    taken += 1
print(taken)
"""


def test_three_processes_never_take_more_than_there_is(own_database: dict[str, str]) -> None:
    buyers = [
        subprocess.Popen(
            [sys.executable, "-c", BUYER, "60"],
            stdout=subprocess.PIPE,
            text=True,
            env=own_database,
        )
        for _ in range(3)
    ]

    taken = [int(buyer.communicate(timeout=120)[0]) for buyer in buyers]

    assert sum(taken) == 60


def test_a_day_ends_at_midnight_where_the_product_is() -> None:
    assert captcha_budget.next_day_begins(date(2026, 11, 24)) == datetime(
        2026, 11, 25, 5, tzinfo=UTC
    )


def test_who_was_called_off_before_the_answer_takes_nothing(settings: Settings) -> None:
    settings.CAPTCHA_DAILY_LIMIT = 2
    permits = CaptchaPermits(Gate(5))

    async def asks_and_is_called_off() -> None:
        buyer = asyncio.ensure_future(permits.take())
        await asyncio.sleep(0)
        buyer.cancel()
        await asyncio.wait({buyer})

    asyncio.run(asks_and_is_called_off())
    permits.serve()  # its loop is gone
    permits.serve()

    assert counts() == (0, 0)


def test_a_permission_that_is_given_back_ends_the_pause_that_the_last_one_made(
    settings: Settings,
) -> None:
    settings.CAPTCHA_SOLVER, settings.CAPTCHA_DAILY_LIMIT = "2captcha", 1
    permits = CaptchaPermits(Gate(5))
    answers: list[Any] = []

    async def asked() -> None:
        first, second = (asyncio.ensure_future(permits.take()) for _ in range(2))
        await asyncio.sleep(0)
        await asyncio.to_thread(_serve_elsewhere, permits)
        await asyncio.wait({first, second})
        answers.extend([first.result(), second.exception()])
        permits.give_back(first.result())

    asyncio.run(asked())

    assert isinstance(answers[1], SolverLimitReached)
    assert Gate.state().pause_reason is PauseReason.LIMIT
    permits.serve()
    assert Gate.state().pause_reason is None
    assert not permits.is_spent()


def _serve_elsewhere(permits: CaptchaPermits) -> None:
    """On a thread of its own, as the dispatcher's is another than the scraper's."""
    from django.db import connection

    permits.serve()
    connection.close()
