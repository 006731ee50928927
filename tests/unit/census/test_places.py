"""Places as they are compared: one place that is written in two ways is one place."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.models import CedulaInfo
from census.places import LEVELS, LONGEST_KEY, place_key

levels = st.sampled_from(LEVELS)


def without_accents(text: str) -> str:
    return "".join(
        sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign)
    )


@pytest.mark.parametrize(
    ("level", "one", "other"),
    [
        ("municipio", "MEDELLIN", "Medellín"),
        ("departamento", "BOGOTÁ  D.C.", "Bogota D.C."),
        ("puesto", "IE NIÑO JESÚS", "ie nino jesus"),
        ("mesa", "7", "07"),
        ("mesa", "7", " 007 "),
        ("mesa", "0", "000"),
    ],
)
def test_two_ways_to_write_a_place_are_one(level: str, one: str, other: str) -> None:
    assert place_key(level, one) == place_key(level, other) != ""


@pytest.mark.parametrize(
    ("level", "one", "other"), [("puesto", "IE 7", "IE 07"), ("mesa", "7", "70")]
)
def test_two_places_are_two(level: str, one: str, other: str) -> None:
    assert place_key(level, one) != place_key(level, other)


@given(st.lists(st.integers(0, 9999)))
def test_mesas_are_sorted_as_numbers(mesas: list[int]) -> None:
    assert sorted(mesas, key=lambda mesa: place_key("mesa", str(mesa))) == sorted(mesas)


def test_a_mesa_that_is_no_number_keeps_its_name() -> None:
    assert place_key("mesa", "7-B") == "7-b"


@given(levels, st.text())
def test_the_key_of_a_key_is_that_key(level: str, name: str) -> None:
    key = place_key(level, name)

    assert place_key(level, key) == key


@given(levels, st.text(alphabet="aábcdeéfghiíjklmnñoópqrstuúüvwxyz 0123456789.-"))
def test_case_and_accents_do_not_matter(level: str, name: str) -> None:
    key = place_key(level, name)

    assert place_key(level, name.upper()) == place_key(level, without_accents(name)) == key


@given(levels, st.text() | st.sampled_from(["½", "…", "ﷺ", "7"]).map(lambda sign: sign * 300))
def test_a_key_fits_into_its_column_and_holds_no_nul(level: str, name: str) -> None:
    key = place_key(level, name)

    assert len(key) <= LONGEST_KEY[level]
    assert "\0" not in key


@pytest.mark.parametrize("level", LEVELS)
def test_the_room_of_a_key_is_that_of_its_column(level: str) -> None:
    column = getattr(CedulaInfo, f"{level}_key").field

    assert column.max_length == LONGEST_KEY[level]
