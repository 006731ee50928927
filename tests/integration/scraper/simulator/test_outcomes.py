"""The table of magic numbers and the invented places. Pure."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.simulator.outcomes import AT_FIRST, ROWS, Outcome, outcome_for
from scraper.simulator.places import MOST_MESAS, place_for
from tests.paths import ROOT

DOCUMENT = ROOT / "docs" / "simulator.md"

cedulas = st.from_regex(r"[1-9][0-9]{1,9}", fullmatch=True)


@given(cedulas, cedulas)
def test_only_the_last_two_digits_decide(cedula: str, other: str) -> None:
    assert outcome_for(cedula) is outcome_for(other + cedula[-2:])


@given(st.text().filter(lambda text: not re.fullmatch("[0-9]{2,}", text)))
def test_what_is_no_number_has_no_outcome(text: str) -> None:
    with pytest.raises(ValueError, match="two digits"):
        outcome_for(text)


def test_seventy_numbers_of_a_hundred_are_found() -> None:
    outcomes = [outcome_for(f"{number:02d}") for number in range(100)]

    assert sum(outcome.startswith("found") for outcome in outcomes) >= 70


def test_every_outcome_can_be_had() -> None:
    given_out = {outcome_for(f"{number:02d}") for number in range(100)}

    assert given_out == set(Outcome)
    assert set(AT_FIRST.values()) < given_out


def test_no_number_is_given_twice() -> None:
    assert len({row.ending for row in ROWS}) == len(ROWS)


def test_the_documented_table_is_the_one_that_decides() -> None:
    documented = re.findall(
        r"^\| `(\d\d)` \| `(\w+)` \|", DOCUMENT.read_text("utf-8"), re.MULTILINE
    )

    assert documented == [(f"{row.ending:02d}", row.outcome.value) for row in ROWS]


@given(cedulas)
def test_a_cedula_always_votes_at_the_same_place(cedula: str) -> None:
    place = place_for(cedula)

    assert place == place_for(cedula)
    assert 1 <= place.mesa <= MOST_MESAS


def test_the_places_are_spread_over_the_country() -> None:
    places = [place_for(str(9_000_000_000 + number)) for number in range(1000)]

    assert len({place.departamento for place in places}) >= 12
    assert len({place.mesa for place in places}) == MOST_MESAS
    assert all(place.puesto == place.puesto.upper() for place in places)
