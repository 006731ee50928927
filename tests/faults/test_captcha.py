"""The captcha service fails during a run and recovers: what is paid, and for which captchas."""

from collections.abc import Iterator

import pytest

from tests.crashes import outcomes, settle_with_a_worker, worker_of
from tests.faults.invariants import assert_sound
from tests.faults.outside import Outside, outside_of
from tests.faults.people import card_with
from tests.faults.strays import Strays
from tests.stack import Stack, wait_until
from tests.visitor import Visitor

pytestmark = [pytest.mark.e2e]

BEFORE = [f"10400900{number}1" for number in range(2)]
DURING = [f"10400901{number}1" for number in range(3)]

MOST_ATTEMPTS = 4
PAUSED = "Las consultas están en pausa"
SETTINGS = {
    # A captcha gets half of it.
    "LOOKUP_TIMEOUT_SECONDS": "24",
    "RETRY_DELAYS_SECONDS": "1,4,8",
    "PAUSE_SECONDS": "3,3,3",
}


@pytest.fixture
def outside(stack: Stack) -> Iterator[Outside]:
    with outside_of(stack, captcha_latency=0.5) as outside:
        yield outside


def begin(stack: Stack) -> None:
    """Start a worker, and wait for two answers."""
    stack.register(*BEFORE)
    stack.start_worker()
    wait_until(lambda: set(stack.statuses()) == {"ACTIVE"}, "the first are answered")


def settled(stack: Stack) -> None:
    worker = worker_of(stack)
    settle_with_a_worker(stack, worker)
    assert worker.poll() is None


def attempts(stack: Stack) -> list[int]:
    """Attempts of the people who came during the fault."""
    lookups = stack.lookups()
    return [lookups[cedula]["attempts"] for cedula in DURING]


def noted(stack: Stack) -> int:
    """The captchas paid for, according to the attempts."""
    (row,) = stack.query("SELECT sum(solves_paid) AS paid FROM census_lookupattempt")
    return int(row["paid"])


@pytest.mark.environment(**SETTINGS)
@pytest.mark.parametrize("how", ["unreachable", "down"])
def test_a_service_that_is_away_is_tried_again_and_nothing_is_paid_meanwhile(
    stack: Stack, strays: Strays, outside: Outside, how: str
) -> None:
    begin(stack)
    if how == "unreachable":
        outside.captchas.stop()
    else:
        outside.change(captcha_failure="down")
    stack.register(*DURING)

    wait_until(lambda: outcomes(stack)["CaptchaFailed"] >= 1, "a lookup goes without its captcha")
    assert outside.sold() == len(BEFORE)
    if how == "unreachable":
        outside.captchas.start()
    else:
        outside.change(captcha_failure="none")

    settled(stack)
    assert outside.sold() == noted(stack) == len(BEFORE) + len(DURING)
    assert_sound(stack, strays)


@pytest.mark.environment(**SETTINGS)
def test_captchas_under_way_when_the_service_goes_away_are_fetched_when_it_is_back(
    stack: Stack, strays: Strays, outside: Outside
) -> None:
    begin(stack)
    outside.change(captcha_latency=3.0)
    stack.register(*DURING)
    wait_until(lambda: outside.asked() == len(BEFORE) + len(DURING), "all are being solved")

    outside.captchas.stop()
    wait_until(lambda: outside.sold() == len(BEFORE) + len(DURING), "all are solved")
    outside.captchas.start()

    settled(stack)
    assert attempts(stack) == [1] * len(DURING)
    assert outside.asked() == noted(stack) == len(BEFORE) + len(DURING)
    assert_sound(stack, strays)


@pytest.mark.environment(**SETTINGS)
def test_a_service_that_is_too_slow_is_given_up_and_paid_for_what_it_was_asked(
    stack: Stack, strays: Strays, outside: Outside
) -> None:
    begin(stack)
    outside.change(captcha_latency=3600.0)
    stack.register(*DURING)

    wait_until(lambda: outcomes(stack)["CaptchaFailed"] >= 1, "a captcha does not come")
    outside.change(captcha_latency=0.5)

    settled(stack)
    # An accepted captcha may be charged, so an attempt counts it before its token is there.
    assert outside.asked() == noted(stack) <= len(BEFORE) + MOST_ATTEMPTS * len(DURING)
    assert_sound(stack, strays)


@pytest.mark.environment(**SETTINGS)
@pytest.mark.parametrize(
    "failure", ["key_rejected", "zero_balance"], ids=["wrong key", "out of funds"]
)
def test_a_service_that_refuses_us_stops_the_spending_and_burns_no_attempt(
    stack: Stack, strays: Strays, outside: Outside, failure: str
) -> None:
    stack.start_web()
    begin(stack)
    outside.change(captcha_failure=failure)
    visitor = Visitor(stack.web_url)
    visitor.register(DURING[0])
    stack.register(*DURING[1:])

    wait_until(lambda: stack.health()["paused_until"], "everybody pauses")
    visits = len(outside.log()["visits"])
    page = wait_until(lambda: card_with(visitor, PAUSED), "the person reads that there is a pause")
    assert outside.asked() == len(BEFORE)
    assert set(attempts(stack)) <= {0, 1}, "1 while a claim is held"
    assert "No pierdes tu lugar" in page
    wait_until(lambda: len(outside.log()["visits"]) > visits, "it is tried again by itself")
    outside.change(captcha_failure="none")

    settled(stack)
    assert "The captcha service refuses us" in stack.log("worker")
    assert attempts(stack) == [1] * len(DURING)
    assert outside.sold() == noted(stack) == len(BEFORE) + len(DURING)
    assert_sound(stack, strays)


@pytest.mark.environment(**SETTINGS, TWOCAPTCHA_API_KEY="clave-mala")
def test_a_wrong_key_in_the_settings_costs_nobody_anything_until_it_is_mended(
    stack: Stack, strays: Strays, outside: Outside
) -> None:
    stack.register(*DURING)
    worker = stack.start_worker()
    wait_until(lambda: outcomes(stack)["HandedBack"] >= 1, "the service does not know the key")
    assert "does not accept our key" in stack.log("worker")

    worker.terminate()
    assert worker.wait(30) == 0
    assert outside.asked() == 0
    assert attempts(stack) == [0] * len(DURING)
    stack.environment["TWOCAPTCHA_API_KEY"] = "demo"
    settle_with_a_worker(stack, stack.start_worker("worker-again"))

    assert attempts(stack) == [1] * len(DURING)
    assert outside.sold() == noted(stack) == len(DURING)
    assert_sound(stack, strays)


@pytest.mark.environment(**SETTINGS)
def test_wrong_tokens_are_reported_and_a_person_costs_no_more_than_their_attempts(
    stack: Stack, strays: Strays, outside: Outside
) -> None:
    begin(stack)
    outside.change(captcha_failure="refused")
    stack.register(*DURING)

    wait_until(lambda: outcomes(stack)["CaptchaRejected"] >= len(DURING), "tokens are refused")
    outside.change(captcha_failure="none")

    settled(stack)
    captchas = outside.log()["captchas"]
    assert len(captchas) == noted(stack) == len(BEFORE) + sum(attempts(stack))
    wait_until(
        lambda: reported(outside, "bad") == outcomes(stack)["CaptchaRejected"],
        "every refused token is reported, to be paid back",
    )
    assert_sound(stack, strays)


def reported(outside: Outside, verdict: str) -> int:
    return sum(captcha["reported"] == verdict for captcha in outside.log()["captchas"])
