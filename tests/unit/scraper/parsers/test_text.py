"""Text made fit to compare, to keep and to report."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.models import CedulaInfo
from scraper.parsers.privacy import MAX_PAGE_TEXT, mask_numbers, mask_page_text
from scraper.parsers.table import column_field
from scraper.parsers.text import clean, fold
from scraper.parsers.values import MAX_LENGTH, Field, field_value


@given(st.text())
def test_cleaned_text_is_one_line_of_visible_characters(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    cleaned.encode()
    assert not {unicodedata.category(c) for c in cleaned} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_cleaning_drops_what_could_turn_text_around_or_hide_in_it() -> None:
    assert clean("MESA\u202e 7\u2066\x00\u200b \ud800\r\n\u00a0B\ufeff") == "MESA 7 B"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_folding_ignores_case_accents_and_blanks() -> None:
    assert fold("  Menoría\u00a0de\nEDAD, Señor ") == "menoria de edad, senor"
    assert fold("Menori\u0301a") == fold("MENORÍA")


@pytest.mark.parametrize("nothing", ["", " - ", "…", "null", "N/A", "undefined", "\u00a0"])
def test_a_field_that_says_nothing_is_empty(nothing: str) -> None:
    assert field_value(nothing) == ""


@pytest.mark.parametrize("field", list(MAX_LENGTH))
def test_values_are_cut_to_the_room_that_the_database_has(field: Field) -> None:
    column = getattr(CedulaInfo, field.value).field
    assert column.max_length == MAX_LENGTH[field]


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("NUIP", Field.NUIP),
        ("No. de documento", Field.NUIP),
        ("Departamento:", Field.DEPARTAMENTO),
        ("DEPTO.", Field.DEPARTAMENTO),
        (" Mpio. ", Field.MUNICIPIO),
        ("Puesto de votación", Field.PUESTO),
        ("DIRECCIÓN", Field.DIRECCION),
        ("direccion del puesto", Field.DIRECCION),
        ("Mesa No.", Field.MESA),
        ("FECHA NOVEDAD", Field.FECHA_NOVEDAD),
        ("Resolución", Field.RESOLUCION),
        ("CÓDIGO PUESTO", None),
        ("TIPO DE NOVEDAD ANTERIOR", None),
        ("DEPARTAMENTO DE NACIMIENTO", None),
        ("", None),
    ],
)
def test_columns_are_known_by_their_whole_name(name: str, field: Field | None) -> None:
    assert column_field(name) is field


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("cédula 1234567890.", "cédula ••••890."),
        ("1.234.567.890", "••••890"),
        ("1 234 567 890", "••••890"),
        ("1. 234. 567. 890", "••••890"),
        ("12.345.678", "••••678"),
        ("123456", "••••456"),
        ("nuip=1234567890&tipo=-1", "nuip=••••890&tipo=-1"),
        ('{"nuip":"1234567890"}', '{"nuip":"••••890"}'),
        ("0001234567890", "••••890"),
        ("1.234.567.890 7", "••••907"),
        ("2026 1234567890", "••••890"),
        ("12345", "12345"),
        ("15008 milliseconds with 0 bytes", "15008 milliseconds with 0 bytes"),
        ("15/03/2019", "15/03/2019"),
        ("2019-03-15", "2019-03-15"),
        ("1-234-567-890", "••••890"),
        ("12\u2019345\u2019678", "••••678"),
        ("support ID is: 1234567890123456789", "support ID is: 1234567890123456789"),
    ],
)
def test_numbers_that_could_be_a_cedula_are_masked(text: str, masked: str) -> None:
    assert mask_numbers(text) == masked


def test_page_text_is_what_a_reader_sees() -> None:
    page = (
        "<title>T</title><body><script>var n = 1234567890;</script><p>Cédula <b>1.234</b>.567.890"
        "</p><p hidden>oculto</p>\n<table><tr><td>A</td><td>B</td></tr></table></body>"
    )
    assert mask_page_text(page) == "Cédula ••••890 A B"
    assert mask_page_text("1 < 2 y\u00a02 > 1") == "1 < 2 y 2 > 1"


def test_page_text_is_cut_after_masking() -> None:
    text = "x" * (MAX_PAGE_TEXT - 6) + " 1234567890"
    assert len(mask_page_text(text)) <= MAX_PAGE_TEXT
    assert mask_page_text(text).endswith("x ••••8")


def test_page_text_of_a_document_too_deep_to_parse_is_still_masked() -> None:
    assert mask_page_text("cédula 1234567890 " + "<div>" * 100_000).startswith("cédula ••••890")


@given(
    st.lists(st.from_regex(r"[1-9][0-9]{5,9}", fullmatch=True), min_size=1),
    st.text(st.characters(exclude_categories=["Nd"]), min_size=1),
)
def test_no_cedula_survives_masking(cedulas: list[str], between: str) -> None:
    masked = mask_numbers(between.join(cedulas))
    assert not [cedula for cedula in cedulas if cedula in masked]
