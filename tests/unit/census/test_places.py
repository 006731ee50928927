"""Places as they are compared: one place that is written in two ways is one place."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.identity.names import folded
from census.models import CedulaInfo
from census.places import ALIASES, LEVELS, LONGEST_KEY, place_key

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
        ("departamento", "BOGOTA D.C.", "BOGOTÁ, D.C."),
        ("municipio", "BOGOTA. D.C.", "BOGOTÁ D.C"),
        ("municipio", "BOGOTA. D.C.", "Bogotá"),
        ("departamento", "VALLE", "Valle del Cauca"),
        ("departamento", "NORTE DE SAN", "NORTE DE SANTANDER"),
        ("puesto", "I.E. LA PIEDAD", "IE LA PIEDAD"),
        ("puesto", "I.E.LA PIEDAD", "I. E. La Piedad"),
        ("puesto", "ESC. N° 2", "ESC N 2"),
        ("mesa", "7", "07"),
        ("mesa", "7-B", "07 b"),
        ("mesa", "7", " 007 "),
        ("mesa", "0", "000"),
    ],
)
def test_two_ways_to_write_a_place_are_one(level: str, one: str, other: str) -> None:
    assert place_key(level, one) == place_key(level, other) != ""


@pytest.mark.parametrize(
    ("level", "one", "other"),
    [
        ("puesto", "IE 7", "IE 07"),
        ("mesa", "7", "70"),
        ("municipio", "VALLE", "VALLE DEL CAUCA"),  # an alias is one in its level alone
        ("departamento", "SANTANDER", "NORTE DE SANTANDER"),
    ],
)
def test_two_places_are_two(level: str, one: str, other: str) -> None:
    assert place_key(level, one) != place_key(level, other)


@given(st.lists(st.integers(0, 9999)))
def test_mesas_are_sorted_as_numbers(mesas: list[int]) -> None:
    assert sorted(mesas, key=lambda mesa: place_key("mesa", str(mesa))) == sorted(mesas)


def test_a_mesa_with_more_than_a_number_comes_behind_its_number() -> None:
    mesas = ["6", "7", "7-B", "8", "10", "10 A", "100"]

    assert sorted(mesas, key=lambda mesa: place_key("mesa", mesa)) == mesas


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ["BOGOTA D.C.", "I.E. La Peña", "0007", "7-B", "N° 2 ½"])
def test_an_address_of_release_1_0_still_finds_its_place(level: str, name: str) -> None:
    """Its key was the folded name, a mesa's number filled up with zeros."""
    assert place_key(level, folded(name)) == place_key(level, name)


def test_no_alias_stands_for_another() -> None:
    for aliases in ALIASES.values():
        assert aliases.keys().isdisjoint(aliases.values())
        for key in (*aliases, *aliases.values()):
            assert key.isalnum()


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
