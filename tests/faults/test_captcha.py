"""The captcha service fails in the middle of a run and is repaired: who pays what, and for what."""

from collections.abc import Iterator

import pytest
import requests

from tests.crashes import settle_with_a_worker
from tests.faults.invariants import assert_sound
from tests.faults.outside import Outside, outside_of
from tests.faults.strays import Strays
from tests.stack import Stack, wait_until
from tests.visitor import Visitor

pytestmark = [pytest.mark.e2e]

BEFORE = [f"10400900{number}1" for number in range(2)]
DURING = [f"10400901{number}1" for number in range(3)]

MOST_ATTEMPTS = 4
SETTINGS = {
    # Half of it is for a captcha.
    "LOOKUP_TIMEOUT_SECONDS": "24",
    "RETRY_DELAYS_SECONDS": "1,4,8",
    "PAUSE_SECONDS": "3,3,3",
}


@pytest.fixture
def outside(stack: Stack) -> Iterator[Outside]:
    with outside_of(stack, captcha_latency=0.5) as outside:
        yield outside


def begin(stack: Stack) -> None:
    """A worker, and two answers already."""
    stack.register(*BEFORE)
    stack.start_worker()
    wait_until(lambda: set(stack.statuses()) == {"ACTIVE"}, "the first are answered")


def settled(stack: Stack) -> None:
    (worker,) = (process for process in stack.processes if "qcluster" in str(process.args))
    settle_with_a_worker(stack, worker)
    assert worker.poll() is None


def attempts(stack: Stack) -> list[int]:
    """Of those who came during the fault."""
    lookups = stack.lookups()
    return [lookups[cedula]["attempts"] for cedula in DURING]


def noted(stack: Stack) -> int:
    """The captchas paid for, by the log of attempts."""
    (row,) = stack.query("SELECT sum(solves_paid) AS paid FROM census_lookupattempt")
    return int(row["paid"])


def failed(stack: Stack, outcome: str) -> int:
    """How many attempts have ended so."""
    lines = stack.query("SELECT outcome FROM census_lookupattempt")
    return sum(line["outcome"] == outcome for line in lines)


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

    wait_until(lambda: failed(stack, "CaptchaFailed") >= 1, "a lookup goes without its captcha")
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

    wait_until(lambda: failed(stack, "CaptchaFailed") >= 1, "a captcha does not come")
    outside.change(captcha_latency=0.5)

    settled(stack)
    # What is asked for may be charged: the log counts it before anybody knows.
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
    page = wait_until(lambda: paused_card(visitor), "the person reads that there is a pause")
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


def paused_card(visitor: Visitor) -> str:
    """The card, where it is of a pause; else ''."""
    card = requests.get(
        f"{visitor.url}/censo/",
        headers={"HX-Request": "true"},
        cookies=visitor.session.cookies,
        timeout=20,
    ).text
    return card if "Las consultas están en pausa" in card else ""


@pytest.mark.environment(**SETTINGS, TWOCAPTCHA_API_KEY="clave-mala")
def test_a_wrong_key_in_the_settings_costs_nobody_anything_until_it_is_mended(
    stack: Stack, strays: Strays, outside: Outside
) -> None:
    stack.register(*DURING)
    worker = stack.start_worker()
    wait_until(lambda: failed(stack, "HandedBack") >= 1, "the service does not know the key")
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

    wait_until(lambda: failed(stack, "CaptchaRejected") >= len(DURING), "tokens are refused")
    outside.change(captcha_failure="none")

    settled(stack)
    captchas = outside.log()["captchas"]
    assert len(captchas) == noted(stack) == len(BEFORE) + sum(attempts(stack))
    wait_until(
        lambda: reported(outside, "bad") == failed(stack, "CaptchaRejected"),
        "every refused token is reported, to be paid back",
    )
    assert_sound(stack, strays)


def reported(outside: Outside, verdict: str) -> int:
    return sum(captcha["reported"] == verdict for captcha in outside.log()["captchas"])
