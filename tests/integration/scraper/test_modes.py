"""A site that is not well as a whole, and a captcha service that is not."""

from collections.abc import Iterator

import pytest

from scraper import errors
from scraper.config import SolverConfig
from scraper.registraduria import RegistraduriaScraper
from scraper.results import Found
from scraper.simulator import Simulator
from scraper.simulator.shapes import SHAPES
from scraper.turn import Stage
from tests.scraping import CEDULA, PATIENCE, config_for, failure_of, scraper_of


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(captcha_latency=0.1, slow_seconds=0.5, elections_delay=0.1) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def _as_at_first(simulator: Simulator) -> None:
    simulator.reset()


@pytest.fixture(scope="module", params=SHAPES)
def scraper(simulator: Simulator, request: pytest.FixtureRequest) -> Iterator[RegistraduriaScraper]:
    url = simulator.page_url(request.param)
    with scraper_of(config_for(simulator, url, timeout_seconds=30.0)) as scraper:
        yield scraper


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("blocked", errors.SiteBlocked),
        ("maintenance", errors.SiteUnavailable),
        ("down", errors.SiteUnavailable),
        ("changed", errors.UnknownPage),
        ("garbage", errors.UnknownPage),
        ("turnstile", errors.CaptchaInTheWay),
    ],
)
def test_a_site_that_is_not_well_is_recognised_before_a_captcha_is_paid_for(
    scraper: RegistraduriaScraper,
    simulator: Simulator,
    mode: str,
    error: type[errors.ScraperError],
) -> None:
    simulator.set(mode=mode)

    future = scraper.submit(CEDULA)

    assert type(failure_of(future)) is error
    assert future.solves_paid == 0
    assert simulator.log()["captchas"] == []


def test_a_slow_site_is_waited_for(scraper: RegistraduriaScraper, simulator: Simulator) -> None:
    simulator.set(mode="slow")

    assert isinstance(scraper.scrape_cedula(CEDULA), Found)


def test_a_page_without_captcha_is_asked_without_one(
    scraper: RegistraduriaScraper, simulator: Simulator
) -> None:
    simulator.set(captcha=False)

    future = scraper.submit(CEDULA)

    assert isinstance(future.result(PATIENCE), Found)
    assert future.solves_paid == 0


def test_an_unknown_page_is_kept_for_the_operator(
    scraper: RegistraduriaScraper, simulator: Simulator
) -> None:
    simulator.set(mode="changed")

    failure = failure_of(scraper.submit(CEDULA))

    assert "Bienvenido al nuevo portal del votante" in failure.page_text


def test_the_lookup_says_how_far_it_has_come(
    scraper: RegistraduriaScraper, simulator: Simulator
) -> None:
    future = scraper.submit(CEDULA)
    future.result(PATIENCE)

    assert future.page_shape == simulator.log()["visits"][0]["shape"]
    assert future.solves_paid == 1
    assert future.stage is Stage.READING


@pytest.mark.parametrize(
    ("failure", "error", "paid"),
    [
        ("unsolvable", errors.CaptchaFailed, 1),
        ("zero_balance", errors.SolverOutOfFunds, 0),
        ("key_rejected", errors.SolverKeyRejected, 0),
        ("down", errors.CaptchaFailed, 0),
        ("refused", errors.CaptchaRejected, 1),
    ],
)
def test_trouble_with_the_captcha_service_is_told_apart(
    scraper: RegistraduriaScraper,
    simulator: Simulator,
    failure: str,
    error: type[errors.ScraperError],
    paid: int,
) -> None:
    simulator.set(captcha_failure=failure)

    future = scraper.submit(CEDULA)

    assert type(failure_of(future)) is error
    assert future.solves_paid == paid


def test_a_captcha_that_takes_too_long_is_the_services_failure(simulator: Simulator) -> None:
    simulator.set(captcha_failure="never_ready")

    with scraper_of(config_for(simulator, timeout_seconds=36.0)) as scraper:
        future = scraper.submit(CEDULA)

        assert isinstance(failure_of(future), errors.CaptchaFailed)
        assert future.solves_paid == 1


def test_without_a_solver_the_captcha_stands_in_the_way(simulator: Simulator) -> None:
    with scraper_of(config_for(simulator, solver=SolverConfig())) as scraper:
        failure = failure_of(scraper.submit(CEDULA))

    assert isinstance(failure, errors.CaptchaInTheWay)
    assert "CAPTCHA_SOLVER" in str(failure)
