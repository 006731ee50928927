"""Every answer of the simulated census, through a real browser, in both shapes of the page."""

from collections.abc import Iterator

import pytest

from scraper import errors
from scraper.results import Cancelled, CancelReason, Found, NotFound
from scraper.simulator import Simulator
from scraper.simulator.outcomes import ROWS, Outcome
from scraper.simulator.places import place_for
from scraper.turn import LookupFuture
from tests.scraping import PATIENCE, config_for, failure_of, scraper_of

PLAIN = 11
Lookups = dict[int, LookupFuture]


def cedula_ending(ending: int) -> str:
    return f"10203040{ending}"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(captcha_latency=0.1, slow_seconds=0.5, elections_delay=0.1) as simulator:
        yield simulator


@pytest.fixture(scope="module", params=["A", "B"])
def lookups(simulator: Simulator, request: pytest.FixtureRequest) -> Iterator[Lookups]:
    """One lookup of each kind, by its cédula's last two digits, all in flight together."""
    url = {"A": simulator.url_a, "B": simulator.url_b}[request.param]
    simulator.reset()
    endings = [PLAIN, *(row.ending for row in ROWS)]
    with scraper_of(config_for(simulator, url)) as scraper:
        yield {ending: scraper.submit(cedula_ending(ending)) for ending in endings}


@pytest.mark.parametrize("ending", [PLAIN, 60, 61, 63, 65])
def test_a_cedula_that_votes_is_found_however_that_is_written(
    lookups: Lookups, ending: int
) -> None:
    place = place_for(cedula_ending(ending))

    found = lookups[ending].result(PATIENCE)

    assert isinstance(found, Found)
    assert (found.departamento, found.municipio, found.puesto, found.direccion, found.mesa) == (
        place.departamento,
        place.municipio,
        place.puesto,
        place.direccion,
        str(place.mesa),
    )


def test_a_place_without_address_is_found(lookups: Lookups) -> None:
    found = lookups[62].result(PATIENCE)

    assert isinstance(found, Found)
    assert found.direccion == ""


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (70, CancelReason.DECEASED),
        (71, CancelReason.DECEASED),
        (72, CancelReason.OTHER),
        (73, CancelReason.OTHER),
        (74, CancelReason.OTHER),
    ],
)
def test_a_cancelled_cedula_says_why(lookups: Lookups, ending: int, reason: CancelReason) -> None:
    lookup = lookups[ending].result(PATIENCE)

    assert isinstance(lookup, Cancelled)
    assert lookup.reason is reason


@pytest.mark.parametrize("ending", [78, 79])
def test_a_cedula_that_is_not_in_the_census_is_not_found(lookups: Lookups, ending: int) -> None:
    assert isinstance(lookups[ending].result(PATIENCE), NotFound)


@pytest.mark.parametrize(
    ("ending", "error"),
    [
        (80, errors.SiteUnavailable),
        (85, errors.SiteUnavailable),
        (90, errors.SiteUnavailable),
        (92, errors.SiteUnavailable),
        (93, errors.SiteBlocked),
        (94, errors.CaptchaRejected),
        (95, errors.SiteUnavailable),
        (96, errors.UnknownPage),
        (97, errors.UnknownPage),
        (98, errors.SiteUnavailable),
        (99, errors.SiteTimeout),
    ],
)
def test_what_is_no_answer_is_told_apart(
    lookups: Lookups, ending: int, error: type[errors.ScraperError]
) -> None:
    failure = failure_of(lookups[ending])

    assert type(failure) is error
    assert cedula_ending(ending) not in failure.page_text + str(failure)


def test_every_lookup_visits_the_site_once_even_where_the_page_reloads_itself(
    lookups: Lookups, simulator: Simulator
) -> None:
    for future in lookups.values():
        future.exception(PATIENCE)

    assert len(simulator.log()["visits"]) == len(lookups)


def test_the_service_hears_whether_the_page_accepted_its_token(
    lookups: Lookups, simulator: Simulator
) -> None:
    for future in lookups.values():
        future.exception(PATIENCE)

    reports = {captcha["token"]: captcha["reported"] for captcha in simulator.log()["captchas"]}
    reported = {
        question["outcome"]: reports[question["token"]] for question in simulator.log()["questions"]
    }
    assert reported[Outcome.FOUND] == "good"
    assert reported[Outcome.NOT_FOUND] == "good"
    assert reported[Outcome.DECEASED] == "good"
    assert reported[Outcome.CAPTCHA_REJECTED] == "bad"
    assert reported[Outcome.UPSTREAM] == ""
    assert reported[Outcome.UNKNOWN_JSON] == ""
    assert reported[Outcome.SILENT] == ""
