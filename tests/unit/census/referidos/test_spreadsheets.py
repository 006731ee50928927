"""Tables as CSV and Excel, read back by another reader: what is in them, and that nothing acts."""

import csv
import tempfile
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from census.referidos.spreadsheets import Cell, Column, Table, csv_chunks, xlsx_file

EVENING = datetime(2026, 11, 25, 3, 5, tzinfo=UTC)
"""In Bogotá still the day before."""

ACTING = [
    ("=1+1", "'=1+1"),
    ('=HYPERLINK("http://example.org";"Ver")', '\'=HYPERLINK("http://example.org";"Ver")'),
    ("+57 300", "'+57 300"),
    ("-2+3", "'-2+3"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1+1", "'=1+1"),
    ("\r=1+1", "'=1+1"),
    ("\n=1+1", "'=1+1"),
    ("  =1+1", "'=1+1"),
    ("\u00a0=1+1", "'=1+1"),
    ("\u200b=1+1", "'\u200b=1+1"),
    ("\ufeff=1+1", "'\ufeff=1+1"),
    ("\x00=1+1", "'=1+1"),
    ("＝1+1", "'＝1+1"),
    ("＋1", "'＋1"),
    ("－1", "'－1"),
    ("＠SUM(A1)", "'＠SUM(A1)"),
    ("<r><t>uno</t></r>", "'<r><t>uno</t></r>"),
    ("<r></is></c><c><f>1+1</f></c></r>", "'<r></is></c><c><f>1+1</f></c></r>"),
]
HARMLESS = [
    ("1030000001", "1030000001"),
    ("3001234567", "3001234567"),
    ("007", "007"),
    ("1e5", "1e5"),
    ("TRUE", "TRUE"),
    ("http://example.org", "http://example.org"),
    ("internal:Hoja!A1", "internal:Hoja!A1"),
    ("{=1+1}", "{=1+1}"),
    ("Núñez; Peña", "Núñez; Peña"),
    ('Ana "la Mona" Ruiz', 'Ana "la Mona" Ruiz'),
    ("CR 11 # 7 - 40", "CR 11 # 7 - 40"),
    ("a < b & c > d", "a < b & c > d"),
    ("_x0041_", "_x0041_"),
    ("Ana\x0b\x0cRuiz", "Ana Ruiz"),
    ("Ana\r\nRuiz", "Ana Ruiz"),
    ("Ana\ufffeRuiz", "Ana Ruiz"),
    ("Ana\ud800Ruiz", "Ana Ruiz"),
    ("😀 Ruiz", "😀 Ruiz"),
    ("\x1f", ""),
]


def table(*rows: list[Cell]) -> Table:
    return Table("Hoja", [Column(f"Columna {n}", 12) for n, _ in enumerate(rows[0])], rows)


def csv_rows(of: Table) -> list[list[str]]:
    text = b"".join(csv_chunks(of)).decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";"))


def xlsx_bytes(of: Table) -> bytes:
    with xlsx_file(of) as file:
        return file.read()


def xlsx_rows(of: Table) -> list[list[object]]:
    sheet = CalamineWorkbook.from_filelike(BytesIO(xlsx_bytes(of))).get_sheet_by_index(0)
    return [list(row) for row in sheet.to_python(skip_empty_area=False)]


def sheet_source(of: Table) -> str:
    with zipfile.ZipFile(BytesIO(xlsx_bytes(of))) as package:
        return package.read("xl/worksheets/sheet1.xml").decode()


class TestCells:
    @pytest.mark.parametrize(("text", "written"), ACTING + HARMLESS)
    def test_a_text_is_a_text_in_both_formats(self, text: str, written: str) -> None:
        of = table([text, "fin"])

        assert csv_rows(of)[1] == [written, "fin"]
        assert xlsx_rows(of)[1] == [written, "fin"]

    @pytest.mark.parametrize("text", [text for text, _ in ACTING + HARMLESS])
    def test_no_cell_is_a_formula_a_link_or_a_number(self, text: str) -> None:
        source = sheet_source(table([text]))

        assert "<f>" not in source
        assert "<hyperlink" not in source
        assert "<v>" not in source

    @given(st.text())
    def test_no_text_ever_starts_with_what_starts_a_formula(self, text: str) -> None:
        of = table([text, "fin"])
        (_, (csv_cell, csv_end)), (_, (xlsx_cell, xlsx_end)) = csv_rows(of), xlsx_rows(of)

        assert csv_cell == xlsx_cell
        assert csv_end == xlsx_end == "fin"
        shown = [sign for sign in csv_cell if unicodedata.category(sign)[0] not in "CZ"]
        assert not shown or shown[0] not in "=+-@＝＋－＠﹦﹢﹣﹫"

    def test_a_moment_is_a_date_of_bogota(self) -> None:
        of = table([EVENING, "fin"])

        assert csv_rows(of)[1] == ["2026-11-24 22:05", "fin"]
        assert xlsx_rows(of)[1] == [datetime(2026, 11, 24, 22, 5), "fin"]  # noqa: DTZ001

    def test_a_number_is_a_number_and_nothing_is_nothing(self) -> None:
        of = table([12, None, "fin"])

        assert csv_rows(of)[1] == ["12", "", "fin"]
        assert xlsx_rows(of)[1] == [12.0, "", "fin"]


class TestCsv:
    def test_it_opens_right_where_the_comma_is_the_decimal_sign(self) -> None:
        written = b"".join(csv_chunks(table(["Núñez", "a;b"])))

        assert written == '\ufeffColumna 0;Columna 1\r\nNúñez;"a;b"\r\n'.encode()

    def test_its_beginning_leaves_before_its_end_is_read(self) -> None:
        read = 0

        def rows() -> Iterator[list[Cell]]:
            nonlocal read
            for _ in range(20_000):
                read += 1
                yield ["Beatriz Molina Arias", "1030000001"]

        chunks = csv_chunks(Table("Hoja", [Column("A", 1), Column("B", 1)], rows()))
        next(chunks)

        assert 0 < read < 2000
        assert sum(chunk.count(b"\r\n") for chunk in chunks) > 18_000
        assert read == 20_000


class TestXlsx:
    def test_its_head_is_bold_frozen_and_filters(self) -> None:
        of = table(["uno", "dos"], ["tres", "cuatro"])

        source = sheet_source(of)
        assert '<autoFilter ref="A1:B3"/>' in source
        assert (
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in source
        )
        assert 'width="12.7109375" customWidth="1"' in source
        with zipfile.ZipFile(BytesIO(xlsx_bytes(of))) as package:
            assert "<b/>" in package.read("xl/styles.xml").decode()

    def test_without_rows_there_is_the_head(self) -> None:
        assert xlsx_rows(Table("Hoja", [Column("A", 5)], [])) == [["A"]]

    def test_it_leaves_nothing_behind(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

        def failing() -> Iterator[list[Cell]]:
            yield ["uno"]
            yield ["dos"]
            raise RuntimeError("the database is gone")

        with xlsx_file(table(["uno"])) as file:
            assert file.read(2) == b"PK"
        with pytest.raises(RuntimeError):
            xlsx_file(Table("Hoja", [Column("A", 5)], failing()))

        assert list(tmp_path.iterdir()) == []

    def test_its_memory_does_not_grow_with_its_rows(self) -> None:
        assert peak_of_xlsx(8000) < 1.3 * peak_of_xlsx(2000)


def peak_of_xlsx(number: int) -> int:
    """The most bytes that were in use at once while so many rows were written."""
    rows: Iterator[list[Cell]] = ([f"Persona {n}", str(n)] for n in range(number))
    tracemalloc.start()
    xlsx_file(Table("Hoja", [Column("A", 1), Column("B", 1)], rows)).close()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak
