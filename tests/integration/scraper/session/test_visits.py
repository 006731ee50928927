"""The site is visited at a lookup's turn, once, and never closer than the interval."""

import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from scraper.errors import LookupCancelled, SiteTimeout, SiteUnavailable, TurnMissed
from scraper.registraduria import RegistraduriaScraper
from scraper.results import Found
from scraper.session.pacer import MARGIN_SECONDS
from scraper.simulator import Simulator
from scraper.turn import Stage, Turn
from tests.scraping import (
    CEDULA,
    INTERVAL,
    PATIENCE,
    OddSite,
    Page,
    config_for,
    eventually,
    failure_of,
    odd_site,
    scraper_of,
)

__all__ = ["odd_site"]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(captcha_latency=0.3) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def _as_at_first(simulator: Simulator) -> None:
    simulator.reset()


@pytest.fixture(scope="module")
def scraper(simulator: Simulator) -> Iterator[RegistraduriaScraper]:
    with scraper_of(config_for(simulator)) as scraper:
        scraper.scrape_cedula(CEDULA)  # the browser runs from here on
        yield scraper


def turn_in(seconds: float, lasting: float = PATIENCE) -> Turn:
    opens_at = time.monotonic() + seconds
    return Turn(opens_at, opens_at + lasting)


def visits(simulator: Simulator) -> list[float]:
    return [visit["monotonic"] for visit in simulator.log()["visits"]]


def test_lookups_without_a_turn_keep_the_interval_over_all_scrapers(
    scraper: RegistraduriaScraper, simulator: Simulator
) -> None:
    with scraper_of(config_for(simulator)) as other:
        futures = [who.submit(CEDULA) for who in (scraper, other) * 5]

        assert all(isinstance(future.result(PATIENCE), Found) for future in futures)

    made = visits(simulator)
    assert len(made) == len(futures)
    assert min(later - earlier for earlier, later in pairwise(made)) >= INTERVAL


def test_many_lookups_are_in_flight_at_once(
    scraper: RegistraduriaScraper, simulator: Simulator
) -> None:
    simulator.set(captcha_latency=600.0)

    futures = [scraper.submit(CEDULA) for _ in range(4)]
    eventually(lambda: all(future.stage is Stage.SOLVING for future in futures))
    simulator.set(captcha_latency=0.0)  # who says so has not yet asked the service
    simulator.finish_captchas()
    for future in futures:
        future.result(PATIENCE)

    assert max(visits(simulator)) < min(
        question["monotonic"] for question in simulator.log()["questions"]
    )


def test_the_site_is_visited_when_the_turn_opens_and_not_before(
    scraper: RegistraduriaScraper, simulator: Simulator
) -> None:
    turn = turn_in(2.0)

    future = scraper.submit(CEDULA, turn)
    future.result(PATIENCE)

    (visited,) = visits(simulator)
    assert visited >= turn.opens_at
    assert future.visited_at is not None
    assert visited - turn.opens_at < PATIENCE / 2  # the turn is open for longer than that
    assert -MARGIN_SECONDS < future.visited_at - visited < PATIENCE / 2


def test_whoever_asked_is_told_once_of_the_visit(scraper: RegistraduriaScraper) -> None:
    told: list[str] = []

    future = scraper.submit(
        CEDULA, turn_in(0), lambda: told.append(threading.current_thread().name)
    )
    future.result(PATIENCE)

    assert told == ["scraper"]


def test_the_visit_is_told_before_a_slow_site_answers(
    scraper: RegistraduriaScraper, simulator: Simulator
) -> None:
    simulator.set(mode="slow", slow_seconds=PATIENCE)
    told = threading.Event()

    future = scraper.submit(CEDULA, turn_in(0), told.set)

    assert told.wait(PATIENCE)
    assert future.stage is Stage.OPENING
    assert future.visited_at is not None
    assert future.visited_at - visits(simulator)[0] < PATIENCE
    scraper.cancel(future)


def test_a_turn_that_is_over_before_the_page_is_ready_is_missed(
    scraper: RegistraduriaScraper, simulator: Simulator
) -> None:
    told = threading.Event()

    future = scraper.submit(CEDULA, Turn(time.monotonic() - 2, time.monotonic() - 1), told.set)

    assert isinstance(failure_of(future), TurnMissed)
    assert future.visited_at is None
    assert not told.is_set()
    assert visits(simulator) == []


def test_a_lookup_called_off_before_its_turn_visits_nobody(
    scraper: RegistraduriaScraper, simulator: Simulator
) -> None:
    told = threading.Event()
    future = scraper.submit(CEDULA, turn_in(1.0), told.set)

    scraper.cancel(future)

    assert isinstance(failure_of(future), LookupCancelled)
    assert future.visited_at is None
    scraper.submit(CEDULA, turn_in(1.5)).result(PATIENCE)
    assert len(visits(simulator)) == 1
    assert not told.is_set()


def test_a_lookup_called_off_after_its_visit_has_told_of_it(
    scraper: RegistraduriaScraper, simulator: Simulator
) -> None:
    simulator.set(mode="slow", slow_seconds=30.0)
    told: list[float] = []
    future = scraper.submit(CEDULA, turn_in(0), lambda: told.append(time.monotonic()))
    eventually(lambda: visits(simulator))

    scraper.cancel(future)

    assert isinstance(failure_of(future), LookupCancelled)
    assert len(told) == 1
    assert future.visited_at is not None


def test_a_visit_to_nobody_is_told_too(scraper: RegistraduriaScraper, simulator: Simulator) -> None:
    with OddSite() as site:
        url = site.url
    told = threading.Event()

    with scraper_of(config_for(simulator, f"{url}/")) as other:
        future = other.submit(CEDULA, turn_in(0), told.set)
        failure = failure_of(future)

    assert isinstance(failure, SiteUnavailable)
    assert told.is_set()
    assert future.visited_at is not None


def test_an_owner_who_fails_when_told_does_not_harm_the_lookup(
    scraper: RegistraduriaScraper, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ValueError("not now")

    assert isinstance(scraper.submit(CEDULA, turn_in(0), fail).result(PATIENCE), Found)
    assert "The callback after a visit failed." in caplog.text


RELOADS_ITSELF = Page(
    """<p id="told">Cargando</p>
    <script>
      document.cookie = 'seen=1';
      setTimeout(() => location.reload(), 50);
      setTimeout(() => { location.href = '/other'; }, 100);
      setTimeout(() => window.open('/popup'), 150);
      setTimeout(() => { document.getElementById('told').textContent = 'Sigue igual'; }, 400);
    </script>"""
)


def test_a_page_that_reloads_itself_or_opens_others_makes_no_second_visit(
    simulator: Simulator, site: OddSite
) -> None:
    for path in ("/", "/other", "/popup"):
        site.answers["GET", path] = RELOADS_ITSELF

    with scraper_of(config_for(simulator, f"{site.url}/", timeout_seconds=36.0)) as scraper:
        failure = failure_of(scraper.submit(CEDULA))

    assert "Sigue igual" in failure.page_text  # its scripts ran, and the page is still there
    documents = [asked for asked in site.asked if asked.path != "/favicon.ico"]
    assert [asked.path for asked in documents] == ["/"]


def test_redirections_belong_to_the_visit(simulator: Simulator, site: OddSite) -> None:
    site.answers["GET", "/"] = Page("", 302, {"Location": simulator.page_url("A")})

    with scraper_of(config_for(simulator, f"{site.url}/")) as scraper:
        assert isinstance(scraper.scrape_cedula(CEDULA), Found)


def test_images_fonts_and_media_are_never_loaded(simulator: Simulator, site: OddSite) -> None:
    site.answers["GET", "/"] = Page(
        "<link rel=stylesheet href=/s.css><img src=/i.png><video src=/v.mp4></video><p>Hola</p>"
    )
    site.answers["GET", "/s.css"] = Page(
        "@font-face { font-family: f; src: url(/f.woff2) } p { font-family: f }",
        content_type="text/css",
    )

    with scraper_of(config_for(simulator, f"{site.url}/", timeout_seconds=36.0)) as scraper:
        failure_of(scraper.submit(CEDULA))

    assert sorted({asked.path for asked in site.asked}) == ["/", "/s.css"]


def test_a_site_that_never_answers_is_given_up_in_time(simulator: Simulator, site: OddSite) -> None:
    release = threading.Event()
    site.answers["GET", "/"] = lambda _: Page("late" if release.wait(PATIENCE) else "never")
    try:
        with scraper_of(config_for(simulator, f"{site.url}/", timeout_seconds=18.0)) as scraper:
            future = scraper.submit(CEDULA, turn_in(0))
            failure = failure_of(future)
            ended_at = time.monotonic()
    finally:
        release.set()

    assert isinstance(failure, SiteTimeout)
    assert future.visited_at is not None
    assert ended_at - future.visited_at < 18.0


def test_nothing_is_asked_where_no_address_is_set(simulator: Simulator) -> None:
    config = config_for(simulator)
    nowhere = type(config)(url="", solver=config.solver)

    with RegistraduriaScraper(nowhere) as scraper:
        failure = failure_of(scraper.submit(CEDULA))

    assert isinstance(failure, SiteUnavailable)
    assert "REGISTRADURIA_URL" in str(failure)
