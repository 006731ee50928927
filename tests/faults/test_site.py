"""The census fails during a run, and recovers: all lookups are answered in the end.

What each way of failing does to one lookup is in tests/e2e/test_all_outcomes.py and in
tests/integration/scraper/test_modes.py.
"""

import itertools
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup

from tests.crashes import outcomes, settle_with_a_worker, worker_of
from tests.faults.invariants import assert_sound
from tests.faults.outside import Outside, outside_of
from tests.faults.people import card_with
from tests.faults.strays import Strays
from tests.stack import Stack, wait_until
from tests.visitor import Visitor

pytestmark = [pytest.mark.e2e]

BEFORE = [f"10400800{number}1" for number in range(2)]
DURING = [f"10400801{number}1" for number in range(3)]
WATCHED = "1040080201"
"""The person whose page is read."""
PAUSED = "Por ahora no podemos consultar a nadie. Seguimos"

INTERVAL = 0.2
SETTINGS = {
    "LOOKUP_INTERVAL_SECONDS": str(INTERVAL),
    # A page gets a sixth of it to load.
    "LOOKUP_TIMEOUT_SECONDS": "30",
    # The outage ends after the first tries and before the last.
    "RETRY_DELAYS_SECONDS": "1,8,8",
    "PAUSE_AFTER_BLOCKS": "3",
    "PAUSE_SECONDS": "4,6,8",
}


@pytest.fixture
def outside(stack: Stack) -> Iterator[Outside]:
    with outside_of(stack, captcha_latency=1.0) as outside:
        yield outside


def fail(outside: Outside, how: str) -> None:
    if how == "unreachable":
        outside.census.stop()
    else:
        outside.change(mode=how, slow_seconds=60.0)


def mend(outside: Outside, how: str) -> None:
    if how == "unreachable":
        outside.census.start()
    else:
        outside.change(mode="ok")


def press_retry(visitor: Visitor) -> None:
    """Press the profile's button "Reintentar"."""
    profile = BeautifulSoup(visitor.read("/perfil/").text, "html.parser")
    token = profile.select_one("form[action='/refrescar-cedula/'] [name=csrfmiddlewaretoken]")
    assert token is not None
    sent = {"csrfmiddlewaretoken": str(token["value"])}
    visitor.session.post(f"{visitor.url}/refrescar-cedula/", sent, timeout=20).raise_for_status()


def begin(stack: Stack) -> Visitor:
    """Start web server and worker, and wait for two answers."""
    stack.start_web()
    stack.register(*BEFORE)
    stack.start_worker()
    wait_until(lambda: set(stack.statuses()) == {"ACTIVE"}, "the first are answered")
    return Visitor(stack.web_url)


def assert_interval_was_kept(outside: Outside) -> None:
    moments = sorted(visit["monotonic"] for visit in outside.log()["visits"])
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert min(gaps) >= INTERVAL


@pytest.mark.environment(**SETTINGS)
@pytest.mark.parametrize(
    ("how", "outcome", "words"),
    [
        ("unreachable", "SiteUnavailable", "La página del censo no está disponible"),
        ("down", "SiteUnavailable", "La página del censo no está disponible"),
        ("maintenance", "SiteUnavailable", "La página del censo no está disponible"),
        ("slow", "SiteTimeout", "La página del censo tardó demasiado en responder"),
    ],
)
def test_an_outage_is_waited_for_and_people_are_told_when_it_is_tried_again(
    stack: Stack, strays: Strays, outside: Outside, how: str, outcome: str, words: str
) -> None:
    visitor = begin(stack)
    fail(outside, how)
    visitor.register(WATCHED)
    stack.register(*DURING[:1])

    wait_until(lambda: outcomes(stack)[outcome] >= 2, "both have been tried in vain")
    wait_until(lambda: card_with(visitor, words), "the person reads why")
    spent = outside.sold()
    mend(outside, how)

    settle_with_a_worker(stack, worker_of(stack))
    assert spent == len(BEFORE), "a captcha was bought for a page that was not there"
    assert outside.sold() == len(BEFORE) + len(DURING[:1]) + 1
    assert_interval_was_kept(outside)
    assert_sound(stack, strays)


@pytest.mark.environment(**SETTINGS)
def test_a_site_that_blocks_us_is_left_alone_and_asked_again_after_the_pause(
    stack: Stack, strays: Strays, outside: Outside
) -> None:
    visitor = begin(stack)
    outside.change(mode="blocked")
    visitor.register(WATCHED)
    stack.register(*DURING)

    wait_until(lambda: stack.health()["paused_until"], "everybody pauses")
    card = wait_until(lambda: card_with(visitor, PAUSED), "the person reads that there is a pause")
    outside.change(mode="ok")

    assert "No pierdes tu lugar" in card
    settle_with_a_worker(stack, worker_of(stack))
    assert stack.health()["paused_until"] is None
    assert outside.sold() == len(BEFORE) + len(DURING) + 1
    assert_interval_was_kept(outside)
    assert_sound(stack, strays)


@pytest.mark.environment(**SETTINGS)
@pytest.mark.parametrize("how", ["garbage", "changed", "turnstile"])
def test_a_page_that_is_not_known_costs_no_captcha_and_one_press_gets_the_answer_later(
    stack: Stack, strays: Strays, outside: Outside, how: str
) -> None:
    visitor = begin(stack)
    fail(outside, how)
    visitor.register(WATCHED)

    wait_until(lambda: stack.lookups()[WATCHED]["status"] == "ERROR", "it ends at once")
    card = card_with(visitor, "Reintentar")
    mend(outside, how)
    assert stack.lookups()[WATCHED]["attempts"] == 1
    assert outside.sold() == len(BEFORE)
    assert card

    press_retry(visitor)
    settle_with_a_worker(stack, worker_of(stack))
    assert_interval_was_kept(outside)
    assert_sound(stack, strays)
