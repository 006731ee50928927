"""Each attempt has one line in the log that tells how it ended, as its row has it."""

import logging
from typing import Any

import pytest

from census.lookups import lifecycle, sweep
from census.lookups.lifecycle import LEASE_LOST, Claim
from census.models import CedulaInfo, LookupAttempt
from census.worker import recording
from scraper import errors
from scraper.gate.visits import Gate
from scraper.results import Lookup, NotFound
from scraper.turn import LookupFuture
from tests.lookups import NO_TRACE, claimed, expire, new_lookup

pytestmark = pytest.mark.django_db

CEDULA = "1098765432"
DELAYS = (60.0, 300.0)
NOT_FOUND = NotFound()


@pytest.fixture
def info(caplog: pytest.LogCaptureFixture) -> CedulaInfo:
    caplog.set_level(logging.INFO)
    return new_lookup(CEDULA, request_id="bcdfghjkmnpqrstv")


def ended(claim: Claim, outcome: Lookup | errors.ScraperError) -> None:
    future = LookupFuture()
    future.page_shape, future.solves_paid = "b", 2
    if isinstance(outcome, errors.ScraperError):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
    recording.record(claim, future, Gate(5), DELAYS)


def ends(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The fields of the lines that tell of an end."""
    fields: list[dict[str, Any]] = [getattr(record, "fields", {}) for record in caplog.records]
    return [line for line in fields if "outcome" in line]


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (NOT_FOUND, None),
        (errors.SiteTimeout("slow"), "SiteTimeout"),
        (errors.UnknownPage("odd"), "UnknownPage"),
        (errors.TurnMissed("late"), "TurnMissed"),
    ],
    ids=["answered", "tried again", "over", "handed back"],
)
def test_it_says_what_the_row_says(
    info: CedulaInfo,
    caplog: pytest.LogCaptureFixture,
    outcome: Lookup | errors.ScraperError,
    error: str | None,
) -> None:
    ended(claimed(info, "host/boot/13/7"), outcome)

    (line,) = ends(caplog)
    attempt = LookupAttempt.objects.get()
    assert attempt.ended_at is not None
    assert line.pop("seconds") == pytest.approx(
        (attempt.ended_at - attempt.started_at).total_seconds(), abs=5
    )
    assert line.pop("error", None) == error
    assert line == {
        "request_id": "bcdfghjkmnpqrstv",
        "info_id": info.pk,
        "attempt": 1,
        "outcome": attempt.outcome,
        "page_shape": "b",
        "solves_paid": 2,
        "worker": "host/boot/13/7",
        "cedula": "••••432",
    }


def test_a_message_that_repeats_the_cedula_is_masked(
    info: CedulaInfo, caplog: pytest.LogCaptureFixture
) -> None:
    ended(claimed(info), errors.SiteTimeout(f"No answer about {CEDULA}."))

    assert "SiteTimeout: No answer about ••••432." in caplog.text
    assert CEDULA not in caplog.text


def test_one_that_was_taken_back_is_told_of_by_the_sweep(
    info: CedulaInfo, caplog: pytest.LogCaptureFixture
) -> None:
    claim = claimed(info, "dead/worker/13/7")
    expire(info)
    sweep.take_back_lost_claims()

    (line,) = ends(caplog)
    assert (line["outcome"], line["worker"]) == (LEASE_LOST, "dead/worker/13/7")
    assert line["request_id"] == claim.request_id

    ended(claim, NOT_FOUND)  # too late: what came of it is told, but it has ended already
    assert len(ends(caplog)) == 1
    assert "the claim was lost; nothing was written" in caplog.text


def test_one_whose_row_went_with_its_person_is_told_of_by_its_worker(
    info: CedulaInfo, caplog: pytest.LogCaptureFixture
) -> None:
    claim = claimed(info)
    info.delete()
    ended(claim, NOT_FOUND)

    (line,) = ends(caplog)
    assert line["outcome"] == LEASE_LOST


def test_a_row_that_nobody_held_has_no_attempt_to_tell_of(
    info: CedulaInfo, caplog: pytest.LogCaptureFixture
) -> None:
    claimed(info)
    LookupAttempt.objects.all().delete()
    CedulaInfo.objects.update(claim=None, lease_expires_at=None)
    sweep.take_back_lost_claims()

    assert ends(caplog) == []
    assert f"Lookup {info.pk} taken back: nobody held it." in caplog.text


def test_a_second_attempt_has_a_line_of_its_own(
    info: CedulaInfo, caplog: pytest.LogCaptureFixture
) -> None:
    ended(claimed(info), errors.BrowserCrashed("lost"))
    lifecycle.settle(claimed(info), NOT_FOUND, NO_TRACE)
    CedulaInfo.objects.update(status="PENDING", attempts=1)
    ended(claimed(info), NOT_FOUND)

    assert [(line["attempt"], line["outcome"]) for line in ends(caplog)] == [
        (1, "BrowserCrashed"),
        (2, "NOT_FOUND"),
    ]
