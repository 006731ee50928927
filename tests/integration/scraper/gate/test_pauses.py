"""Why everybody pauses, and until when: what the product decides by itself, and what people do."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from scraper.gate.pauses import OPEN_END, PauseReason
from scraper.gate.visits import Gate, Paused, Slot
from scraper.models import SiteGate

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
PAUSES = [600.0]


def told() -> tuple[datetime | None, PauseReason | None]:
    state = Gate.state()
    return state.paused_until, state.pause_reason


def test_an_operator_pauses_everybody_for_a_while() -> None:
    until = Gate(5).pause(300)

    assert until - timezone.now() == pytest.approx(timedelta(minutes=5), abs=60 * SECOND)
    assert Gate(5).reserve() == Paused(until)
    assert told() == (until, PauseReason.OPERATOR)


def test_a_pause_without_an_end_is_one_until_far_beyond_any_clock() -> None:
    assert Gate(5).pause(None) == OPEN_END
    assert Gate(5).reserve() == Paused(OPEN_END)
    assert told() == (OPEN_END, PauseReason.OPERATOR)


def test_what_was_in_flight_does_not_end_an_operators_pause() -> None:
    gate = Gate(5)
    gate.record_block(2, PAUSES)
    until = gate.pause(300)

    gate.record_pass()

    assert told() == (until, PauseReason.OPERATOR)


def test_an_operators_pause_that_is_over_lets_visits_through() -> None:
    Gate(5).pause(300)
    SiteGate.objects.update(held_until=timezone.now() - SECOND)

    assert told() == (None, None)
    assert isinstance(Gate(5).reserve(), Slot)


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [(60.0, PauseReason.BLOCKED), (3600.0, PauseReason.OPERATOR), (None, PauseReason.OPERATOR)],
)
def test_of_two_pauses_the_one_that_ends_last_is_told(
    seconds: float | None, reason: PauseReason
) -> None:
    gate = Gate(5)
    blocked_until = gate.record_block(1, PAUSES)
    held_until = gate.pause(seconds)

    assert told() == (blocked_until if reason is PauseReason.BLOCKED else held_until, reason)


def test_a_pause_of_the_product_begins_under_an_operators_and_outlasts_it() -> None:
    gate = Gate(5)
    gate.pause(60)

    blocked_until = gate.record_block(1, PAUSES)

    assert told() == (blocked_until, PauseReason.BLOCKED)


def test_resuming_ends_every_pause() -> None:
    gate = Gate(5)
    gate.record_block(1, PAUSES)
    gate.pause(None)

    gate.resume()

    assert told() == (None, None)
    assert isinstance(gate.reserve(), Slot)


# --- The day's captchas -------------------------------------------------------------------------

MIDNIGHT = datetime(2100, 1, 1, 5, tzinfo=UTC)


def test_a_day_whose_captchas_are_bought_pauses_everybody_until_the_next() -> None:
    assert Gate(5).record_spent_budget(MIDNIGHT)

    assert told() == (MIDNIGHT, PauseReason.LIMIT)
    assert not Gate(5).record_spent_budget(MIDNIGHT)  # said once


def test_it_takes_the_place_of_a_shorter_pause_and_keeps_a_longer_one() -> None:
    gate = Gate(5)
    gate.record_block(1, PAUSES)
    gate.record_spent_budget(MIDNIGHT)
    assert told() == (MIDNIGHT, PauseReason.LIMIT)

    assert not gate.record_spent_budget(MIDNIGHT - timedelta(days=1))
    assert told() == (MIDNIGHT, PauseReason.LIMIT)


def test_a_captcha_that_may_be_bought_after_all_ends_that_pause_alone() -> None:
    gate = Gate(5)
    gate.record_spent_budget(MIDNIGHT)
    held_until = gate.pause(300)

    gate.forget_spent_budget()

    assert told() == (held_until, PauseReason.OPERATOR)
    gate.resume()
    blocked_until = gate.record_block(1, PAUSES)
    gate.forget_spent_budget()
    assert told() == (blocked_until, PauseReason.BLOCKED)
