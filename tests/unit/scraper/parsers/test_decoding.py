"""Bytes of an answer as text, and text that was damaged before it came."""

import json

import pytest

from scraper.errors import UnknownPage
from scraper.parsers.decoding import MAX_BYTES, is_damaged, text_of
from scraper.parsers.shape_a import parse_result_html
from scraper.parsers.shape_b import parse_answer_b
from scraper.results import Found

SPANISH = "NARIÑO, TÚQUERRES: «LA PEÑA» Nº 3 – ¿Ángel Íñigo Óscar Úrsula Güiza?"


def read_as_windows_1252(text: str) -> str:
    """Return UTF-8 as a browser shows it that takes it for Windows-1252."""
    return "".join(
        bytes([byte]).decode("windows-1252", "ignore") or chr(byte) for byte in text.encode()
    )


@pytest.mark.parametrize(
    "body",
    [
        SPANISH.encode(),
        b"\xef\xbb\xbf" + SPANISH.encode(),
        SPANISH.encode("windows-1252"),
        read_as_windows_1252(SPANISH).encode(),
        read_as_windows_1252("\ufeff" + SPANISH).encode(),
    ],
)
def test_text_that_can_be_told_is_read(body: bytes) -> None:
    assert text_of(body) == SPANISH


@pytest.mark.parametrize("text", ["São Paulo", "Château d'Œx", "Ærø", "日本", "Плевен", ""])
def test_other_languages_stay_what_they_are(text: str) -> None:
    assert text_of(text.encode()) == text
    assert not is_damaged(text)


@pytest.mark.parametrize(
    "body",
    [
        SPANISH.encode("utf-16-le"),
        "NARIÑO".encode("cp850"),
        "NARIÑO".encode("mac-roman"),
        "NARIÑO".encode()[:5] + b" TUQUERRES " + "PEÑA".encode()[:3],
        b"\x89PNG\r\n",
    ],
)
def test_bytes_that_may_be_anything_are_no_answer(body: bytes) -> None:
    with pytest.raises(UnknownPage, match="encoding"):
        text_of(body)


def test_a_long_answer_is_not_decoded() -> None:
    assert len(text_of(b" " * MAX_BYTES)) == MAX_BYTES
    with pytest.raises(UnknownPage, match="too large"):
        text_of(b" " * (MAX_BYTES + 1))


DAMAGED = ["NARI\ufffdO", read_as_windows_1252("NARIÑO"), "CL 5 NÂº 3", "JOSÃ", "L\u00e2€™ETOILE"]


@pytest.mark.parametrize("value", DAMAGED)
def test_a_damaged_value_is_no_answer(value: str) -> None:
    assert is_damaged(value)
    place = {"nom_depto": "HUILA", "nom_mun": "NEIVA", "nom_puesto": "IE 1", "direccion": "CL 1"}
    for key in place:
        answer = {"ok": True, "encontrado": True, "data": place | {key: value}}
        with pytest.raises(UnknownPage, match="damaged"):
            parse_answer_b(json.dumps(answer))
    novedad = {"ok": True, "encontrado": False, "novedad": True, "mensaje": f"Cancelada: {value}"}
    with pytest.raises(UnknownPage, match="damaged"):
        parse_answer_b(json.dumps(novedad))


TABLE = """<table id="consulta">
  <tr><th>DEPARTAMENTO</th><th>MUNICIPIO</th><th>PUESTO</th><th>{name}</th><th>MESA</th></tr>
  <tr><td>HUILA</td><td>NEIVA</td><td>IE LA CEIBA</td><td>{value}</td><td>3</td></tr></table>"""
LABELLED = """<table id="consulta"><tr><td data-th="departamento">HUILA</td>
  <td data-th="municipio">NEIVA</td><td data-th="puesto">IE LA CEIBA</td>
  <td data-th="{name}">{value}</td><td data-th="mesa">3</td></tr></table>"""


@pytest.mark.parametrize("table", [TABLE, LABELLED])
@pytest.mark.parametrize("name", ["DIRECCIÃ\x93N", "DIRECCI\ufffdN", "UBICACIÓN"])
def test_a_table_with_an_unknown_column_is_no_answer(table: str, name: str) -> None:
    with pytest.raises(UnknownPage, match=r"column|damaged"):
        parse_result_html(table.format(name=name, value="CL 1"))


@pytest.mark.parametrize("table", [TABLE, LABELLED])
def test_an_unknown_column_without_a_value_costs_nothing(table: str) -> None:
    found = parse_result_html(table.format(name="Observaciones", value="-"))

    assert found == Found("HUILA", "NEIVA", "IE LA CEIBA", "", "3")
