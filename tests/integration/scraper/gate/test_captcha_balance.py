"""The captcha account's balance: asked for rarely, by one process, and shown with its time."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from scraper.captcha.balance import BalanceUnknown, ask_balance
from scraper.config import SolverConfig
from scraper.gate import captcha_balance
from scraper.models import CaptchaAccount
from scraper.simulator import Simulator
from tests.scraping import OddSite, Page

pytestmark = pytest.mark.django_db

KEY = "clave-que-nadie-debe-ver"


@pytest.fixture
def simulator(settings: Settings) -> Iterator[Simulator]:
    with Simulator(port=0) as simulator:
        settings.CAPTCHA_SOLVER = "2captcha"
        settings.TWOCAPTCHA_URL = simulator.url
        settings.TWOCAPTCHA_API_KEY = KEY
        yield simulator


def test_the_balance_is_stored_with_its_time(simulator: Simulator) -> None:
    assert captcha_balance.begin_asking(timezone.now())
    captcha_balance.refresh()

    row = CaptchaAccount.objects.get()
    assert (row.balance, row.problem) == (100.0, "")
    assert row.answered_at is not None
    assert timezone.now() - row.answered_at < timedelta(minutes=1)


@pytest.mark.parametrize("failure", ["down", "key_rejected"])
def test_a_service_that_does_not_tell_leaves_what_is_known_and_says_why(
    simulator: Simulator, failure: str
) -> None:
    captcha_balance.begin_asking(timezone.now())
    captcha_balance.refresh()
    known = CaptchaAccount.objects.get()
    simulator.set(captcha_failure=failure)

    captcha_balance.refresh()

    row = CaptchaAccount.objects.get()
    assert (row.balance, row.answered_at) == (known.balance, known.answered_at)
    assert row.problem
    assert KEY not in row.problem


def test_only_one_asks_and_not_again_for_a_while(simulator: Simulator) -> None:
    now = timezone.now()

    assert [captcha_balance.begin_asking(now) for _ in range(3)] == [True, False, False]
    assert not captcha_balance.begin_asking(now + captcha_balance.EVERY - timedelta(seconds=1))
    assert captcha_balance.begin_asking(now + captcha_balance.EVERY)


def test_after_a_pause_it_is_asked_soon(simulator: Simulator) -> None:
    captcha_balance.begin_asking(timezone.now())

    captcha_balance.ask_soon()

    now = timezone.now()
    assert not captcha_balance.begin_asking(now)
    assert captcha_balance.begin_asking(now + captcha_balance.SOON)


def test_nobody_is_asked_where_no_service_is_switched_on(settings: Settings) -> None:
    settings.CAPTCHA_SOLVER = "none"

    assert not captcha_balance.begin_asking(timezone.now())
    assert not CaptchaAccount.objects.exists()


@pytest.mark.parametrize("text", ["nan", "<html>", "", "-inf"])
def test_what_is_no_number_is_no_balance(text: str) -> None:
    with OddSite() as service:
        service.answers["GET", f"/res.php?key={KEY}&action=getbalance"] = Page(text)
        with pytest.raises(BalanceUnknown):
            ask_balance(SolverConfig("2captcha", KEY, service.url))
