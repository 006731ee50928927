"""Every answer of the simulated census, through a real browser, in every shape of the page."""

from dataclasses import replace
from enum import Enum

import pytest

from census.models import LookupAttempt
from scraper import errors
from scraper.results import Cancelled, CancelReason, Found, NotFound
from scraper.shapes import SHAPES
from scraper.simulator import Simulator
from scraper.simulator.outcomes import ROWS, Outcome
from scraper.simulator.places import Place, place_for
from scraper.simulator.shapes import SHAPES as SIMULATED
from scraper.turn import LookupFuture
from tests.scraping import config_for, scraper_of

PLAIN_ENDING = 11
ALL_SECONDS = 500.0
"""For all lookups of one shape together: half a minute where nothing else runs."""


class Answer(Enum):
    PLACE = "the place of this cédula"
    HOSTILE_PLACE = "a place with hostile names"
    ABSENT = "not in the census"


EXPECTED: dict[Outcome, object] = {
    Outcome.FOUND: Answer.PLACE,
    Outcome.FOUND_BOLD: Answer.PLACE,
    Outcome.FOUND_REORDERED: Answer.PLACE,
    Outcome.FOUND_WITHOUT_ADDRESS: Answer.PLACE,
    Outcome.FOUND_AMID_MISLEADING_WORDS: Answer.PLACE,
    Outcome.FOUND_HOSTILE: Answer.HOSTILE_PLACE,
    Outcome.FOUND_SLOWLY: Answer.PLACE,
    Outcome.DECEASED: CancelReason.DECEASED,
    Outcome.DECEASED_OLD_WORDING: CancelReason.DECEASED,
    Outcome.CANCELLED_OTHER: CancelReason.OTHER,
    Outcome.RIGHTS_LOST: CancelReason.OTHER,
    Outcome.CANCELLED_ODD_COLUMNS: CancelReason.OTHER,
    Outcome.NOT_FOUND: Answer.ABSENT,
    Outcome.MUST_REGISTER: Answer.ABSENT,
    Outcome.UPSTREAM_ONCE: errors.SiteUnavailable,
    Outcome.RELOAD_ONCE: errors.SiteUnavailable,
    Outcome.MAINTENANCE_ONCE: errors.SiteUnavailable,
    Outcome.BLOCKED_ONCE: errors.SiteBlocked,
    Outcome.CAPTCHA_REJECTED_ONCE: errors.CaptchaRejected,
    Outcome.DROPPED_ONCE: errors.SiteUnavailable,
    Outcome.UPSTREAM: errors.SiteUnavailable,
    Outcome.RELOAD: errors.SiteUnavailable,
    Outcome.MAINTENANCE: errors.SiteUnavailable,
    Outcome.BLOCKED: errors.SiteBlocked,
    Outcome.CAPTCHA_REJECTED: errors.CaptchaRejected,
    Outcome.DROPPED: errors.SiteUnavailable,
    Outcome.CHANGED_MARKUP: errors.UnknownPage,
    Outcome.UNKNOWN_JSON: errors.UnknownPage,
    Outcome.SERVER_ERROR: errors.SiteUnavailable,
    Outcome.SILENT: errors.SiteTimeout,
}
# For an expired session page A reloads itself; B's API words it like an expired captcha.
DIFFERENT: dict[str, dict[Outcome, object]] = {
    "B": {
        Outcome.RELOAD: errors.CaptchaRejected,
        Outcome.RELOAD_ONCE: errors.CaptchaRejected,
    }
}
"""By shape: what is expected in place of `EXPECTED`."""


def cedula_ending(ending: int) -> str:
    return f"10203040{ending}"


ENDINGS = {Outcome.FOUND: PLAIN_ENDING} | {row.outcome: row.ending for row in ROWS}
CEDULAS = {outcome: cedula_ending(ending) for outcome, ending in ENDINGS.items()}


def place_expected(outcome: Outcome) -> Place:
    place = place_for(CEDULAS[outcome])
    return replace(place, direccion="") if outcome is Outcome.FOUND_WITHOUT_ADDRESS else place


def kind_of(outcome: Outcome, future: LookupFuture) -> object:
    """Return the lookup's outcome in the form of `EXPECTED`; otherwise the answer itself."""
    error = future.exception(ALL_SECONDS)
    if error is not None:
        return type(error)
    match future.result():
        case Cancelled(reason):
            return reason
        case NotFound():
            return Answer.ABSENT
        case Found() as found if outcome is Outcome.FOUND_HOSTILE:
            return Answer.HOSTILE_PLACE if "<script>" in found.puesto else found
        case Found(departamento, municipio, puesto, direccion, mesa) as found:
            place = place_expected(outcome)
            is_right = (departamento, municipio, puesto, direccion, mesa) == (
                place.departamento,
                place.municipio,
                place.puesto,
                place.direccion,
                str(place.mesa),
            )
            return Answer.PLACE if is_right else found


def test_every_shape_is_simulated() -> None:
    assert {shape.name for shape in SHAPES} == SIMULATED.keys()


def test_the_log_of_attempts_has_room_for_every_shapes_name() -> None:
    room = LookupAttempt._meta.get_field("page_shape").max_length  # noqa: SLF001  Django documents it
    assert room is not None
    assert all(len(shape.name) <= room for shape in SHAPES)


@pytest.mark.parametrize("shape", SIMULATED)
def test_every_outcome_is_told_as_what_it_is(shape: str) -> None:
    with Simulator(captcha_latency=0.1, slow_seconds=0.5, elections_delay=0.1) as simulator:
        with scraper_of(config_for(simulator, simulator.page_url(shape))) as scraper:
            futures = {outcome: scraper.submit(CEDULAS[outcome]) for outcome in CEDULAS}
            got = {outcome: kind_of(outcome, future) for outcome, future in futures.items()}
        log = simulator.log()

    assert got == EXPECTED | DIFFERENT.get(shape, {})
    assert len(log["visits"]) == len(futures)  # those that reload themselves included
    assert all(future.solves_paid == 1 for future in futures.values())
    assert all(future.page_shape == shape for future in futures.values())
    for outcome, future in futures.items():
        error = future.exception()
        told = f"{error} {error.page_text}" if isinstance(error, errors.ScraperError) else ""
        assert CEDULAS[outcome] not in told
    assert reports_by_outcome(log) == {
        Outcome.FOUND: "good",
        Outcome.NOT_FOUND: "good",
        Outcome.DECEASED: "good",
        Outcome.CAPTCHA_REJECTED: "bad",
        Outcome.UPSTREAM: "",
        Outcome.UNKNOWN_JSON: "",
        Outcome.SILENT: "",
    }


def reports_by_outcome(log: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    """Return the reports that the service received about the tokens of some outcomes."""
    reports = {captcha["token"]: captcha["reported"] for captcha in log["captchas"]}
    telling = (
        Outcome.FOUND,
        Outcome.NOT_FOUND,
        Outcome.DECEASED,
        Outcome.CAPTCHA_REJECTED,
        Outcome.UPSTREAM,
        Outcome.UNKNOWN_JSON,
        Outcome.SILENT,
    )
    asked = {question["outcome"]: reports[question["token"]] for question in log["questions"]}
    return {outcome: asked[outcome] for outcome in telling}


def test_every_reason_of_a_cancelled_cedula_can_be_had() -> None:
    assert set(CancelReason) <= set(EXPECTED.values())
