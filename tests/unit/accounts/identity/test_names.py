"""Names as they are compared: what people type or leave out does not tell two apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.identity.names import folded, name_key


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("  Núñez  PEÑA ", "nunez pena"),
        ("ÉDGAR\tGÜIZA\n", "edgar guiza"),
        ("Nun\u0303ez", "nunez"),  # the tilde as a sign of its own
        ("Strauß", "strauss"),
        ("\uff2d\uff21\uff32\uff29\uff21", "maria"),  # full-width capitals
        ("Café™", "cafetm"),
        ("I.E. San José N° 2", "i.e. san jose n° 2"),
        ("O'Brien-Díaz", "o'brien-diaz"),
        ("\u00a0\u2003", ""),
        ("", ""),
    ],
)
def test_case_accents_and_surplus_blanks_are_gone(text: str, plain: str) -> None:
    assert folded(text) == plain


@given(st.text())
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text())
def test_no_blank_stands_at_an_end_or_beside_another(text: str) -> None:
    assert folded(text).split() == [word for word in folded(text).split(" ") if word]
    assert folded(text) == folded(text).strip()


@given(st.text(alphabet="aábcdeéfghiíjklmnñoópqrstuúüvwxyz -.'"))
def test_capitals_and_small_letters_are_the_same_name(name: str) -> None:
    assert folded(name.upper()) == folded(name.title()) == folded(name)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Ana D'Costa", "ana dcosta"),
        ("Ana D\u2019Costa", "ana dcosta"),
        ("Ana D`Costa", "ana dcosta"),
        ("Ana D\xb4Costa", "ana dcosta"),
        ("María Pérez-Gil", "maria perez gil"),
        ("Sr. Juan (Juancho) Ríos", "sr juan juancho rios"),
        ("\0--", ""),
    ],
)
def test_signs_make_no_difference_in_a_key(name: str, key: str) -> None:
    assert name_key(name) == key


@given(st.text())
def test_the_key_of_a_key_is_that_key(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)
