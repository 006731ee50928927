"""Cédulas and telephone numbers, as people type them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.identity import cedula as cedulas
from accounts.identity import phone as phones

digits_of_a_cedula = st.from_regex(cedulas.SHAPE, fullmatch=True)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("1234567890", "1234567890"),
        ("1.234.567.890", "1234567890"),
        (" 52 345 678 ", "52345678"),
        ("52\u00a0345\u202f678", "52345678"),
        ("1.234.567\n", "1234567"),
        ("\u202d1.234.567.890\u202c", "1234567890"),
        ("123456", "123456"),
        ("C.C. 1.234.567.890", "1234567890"),
        ("cc: 1234567890", "1234567890"),
        ("C.C. No. 52.345.678", "52345678"),
        ("\u202aC.C. N° 52.345.678\u202c", "52345678"),
        ("CC-52345678", "52345678"),
    ],
)
def test_dots_and_blanks_do_not_matter(typed: str, stored: str) -> None:
    assert cedulas.normalise(typed) == stored


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Escribe tu número de cédula."),
        (" . ", "Escribe tu número de cédula."),
        ("12a456", "La cédula lleva solo números"),
        ("CC", "Escribe tu número de cédula."),
        ("C 1234567", "La cédula lleva solo números"),
        ("1234567 CC", "La cédula lleva solo números"),
        ("CC1234 CC567", "La cédula lleva solo números"),
        ("-1234567", "La cédula lleva solo números"),
        ("1,234,567", "La cédula lleva solo números"),
        ("١٢٣٤٥٦٧", "La cédula lleva solo números"),
        ("１２３４５６７", "La cédula lleva solo números"),
        ("²³456789", "La cédula lleva solo números"),
        ("1234567\x00", "La cédula lleva solo números"),
        ("0123456", "no empieza por cero"),
        ("12345", "escribiste 5"),
        ("12.345.678.901", "escribiste 11"),
    ],
)
def test_what_is_no_cedula_is_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(cedulas.InvalidCedula, match=sentence):
        cedulas.normalise(typed)


@given(st.text())
def test_any_text_becomes_a_cedula_or_is_refused(text: str) -> None:
    try:
        stored = cedulas.normalise(text)
    except cedulas.InvalidCedula as problem:
        assert str(problem).endswith(".")
    else:
        assert cedulas.SHAPE.fullmatch(stored)


@given(digits_of_a_cedula)
def test_what_is_shown_can_be_typed_again(digits: str) -> None:
    assert cedulas.normalise(cedulas.formatted(digits)) == digits


@given(digits_of_a_cedula)
def test_a_masked_cedula_keeps_its_last_three_digits_only(digits: str) -> None:
    assert cedulas.masked(digits) == "••••" + digits[-3:]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("123456", "123.456"), ("52345678", "52.345.678"), ("1234567890", "1.234.567.890")],
)
def test_a_cedula_is_shown_with_dots(stored: str, shown: str) -> None:
    assert cedulas.formatted(stored) == shown


@pytest.mark.parametrize("text", ["", "abc", "12a", "²³4567"])
def test_what_is_not_digits_is_shown_as_it_is(text: str) -> None:
    assert cedulas.formatted(text) == text


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("3001234567", "3001234567"),
        ("300 123 45 67", "3001234567"),
        ("300-123-4567", "3001234567"),
        ("+57 300 123 4567", "3001234567"),
        ("+57-300-1234567", "3001234567"),
        ("57 3001234567", "3001234567"),
        ("\u202a+57 300 1234567\u202c", "3001234567"),
        ("300\u2013123\u20134567", "3001234567"),
        ("0057 300 123 4567", "3001234567"),
        ("(601) 234 5678", "6012345678"),
        ("+57 (604) 234-5678", "6042345678"),
    ],
)
def test_a_telephone_number_may_be_typed_in_many_ways(typed: str, stored: str) -> None:
    assert phones.normalise(typed) == stored


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Escribe tu número de celular"),
        ("- -", "Escribe tu número de celular"),
        ("tres cientos", "solo números"),
        ("٣٠٠١٢٣٤٥٦٧", "solo números"),
        ("300123456", "escribiste 9"),
        ("30012345678", "escribiste 11"),
        ("2345678", "escribiste 7"),
        ("+1 300 123 4567", "solo números"),
        ("1001234567", "empieza por 3"),
        ("6112345678", "empieza por 3"),
        ("5712345678", "empieza por 3"),
    ],
)
def test_what_is_no_colombian_number_is_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(phones.InvalidPhone, match=sentence):
        phones.normalise(typed)


@given(st.text(alphabet="0123456789+-() .", max_size=20))
def test_a_number_that_is_stored_normalises_to_itself(text: str) -> None:
    try:
        stored = phones.normalise(text)
    except phones.InvalidPhone:
        return
    assert phones.SHAPE.fullmatch(stored)
    assert phones.normalise(phones.formatted(stored)) == stored


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Key (cedula)=(1098765432) already exists.", "Key (cedula)=(••••432) already exists."),
        ("Not Found: /referido/98765432/", "Not Found: /referido/••••432/"),
        ("GET /?q=1.098.765.432&x=1", "GET /?q=••••432&x=1"),
        ("GET /?q=1+098+765+432", "GET /?q=••••432"),
        ("GET /?q=%201%20098%20765%20432", "GET /?q=%20••••432"),
        ("1 098 765 432 y 98,765,432.", "••••432 y ••••432."),
        ("Ref.1098765432, CC1098765432", "Ref.••••432, CC••••432"),
        ("line 12345, 0.1234567 s, #333333, 12.345", "line 12345, 0.1234567 s, #333333, 12.345"),
        ("support id 12345678901, 2026-11-24", "support id 12345678901, 2026-11-24"),
    ],
)
def test_a_cedula_in_any_text_is_masked_and_little_else(text: str, masked: str) -> None:
    assert cedulas.masked_in(text) == masked


@given(digits_of_a_cedula, st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=5))
def test_no_cedula_is_left_in_any_text(cedula: str, around: str) -> None:
    around = re.sub("[#%]", "", around)  # a colour, and a byte of an address: %20 and digits
    for written in (cedula, cedulas.formatted(cedula)):
        assert written not in cedulas.masked_in(f"{around}{written}{around}")
