"""Tables as files that a spreadsheet opens: CSV and Excel, in memory that does not grow with rows.

What people typed is in them, and whoever opens one trusts it: no cell may act as anything but text.
Knows neither the database nor the web.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any

from django.utils import timezone
from xlsxwriter import Workbook

Cell = str | int | datetime | None
"""A datetime is aware, and is written in the local time of the settings."""

CSV_SEPARATOR = ";"
"""What Excel splits by where the comma is the decimal sign, as in Colombia. There is no `sep=`
line: every other reader takes it for data, and Excel then ignores the mark that says UTF-8."""
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads the letters with accents as those of an old code page."""
CSV_CHUNK = 32 * 1024
"""Characters that are gathered before they are sent: a packet for each row would be slow."""
CSV_MOMENT = "%Y-%m-%d %H:%M"
XLSX_MOMENT = "yyyy-mm-dd hh:mm"

_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]+")
"""Control characters, line breaks, and what is no character: XML has no room for most of them, and
a line break inside a cell is a new row to a careless reader."""
_STARTS_A_FORMULA = frozenset("=+-@＝＋－＠﹦﹢﹣﹫")  # noqa: RUF001  Excel knows the wide ones too
_XLSXWRITER_MARKUP = "<r>"
"""It takes a text from here to </r> for its own, and copies it into the file as it is."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title, and its width in characters."""

    title: str
    width: int


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and rows that are read once, while they are written."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]


def inert(text: str) -> str:
    """`text` on one line, and with an apostrophe before it where a spreadsheet would act on it."""
    line = _UNWRITABLE.sub(" ", text).strip()
    # What does not show (categories C and Z) may come before it.
    first = next((sign for sign in line if unicodedata.category(sign)[0] not in "CZ"), "")
    acts = first in _STARTS_A_FORMULA or line.startswith(_XLSXWRITER_MARKUP)
    return f"'{line}" if acts else line


def csv_chunks(table: Table) -> Iterator[bytes]:
    """The table as CSV in UTF-8, piece by piece, while its rows are being read."""
    gathered = StringIO(newline="")
    gathered.write(BYTE_ORDER_MARK)
    pen = csv.writer(gathered, delimiter=CSV_SEPARATOR, lineterminator="\r\n")
    pen.writerow(column.title for column in table.columns)
    for row in table.rows:
        pen.writerow(map(_csv_cell, row))
        if gathered.tell() >= CSV_CHUNK:
            yield gathered.getvalue().encode()
            gathered.seek(0)
            gathered.truncate()
    yield gathered.getvalue().encode()


def xlsx_file(table: Table) -> IO[bytes]:
    """The table as an Excel file, open at its beginning; it is gone once it is closed."""
    file = TemporaryFile()  # noqa: SIM115  the caller closes it
    try:
        # Of its own, so that nothing stays where writing fails half-way.
        with TemporaryDirectory(prefix="censo-export-") as scratch:
            book = Workbook(
                file,
                {
                    "constant_memory": True,
                    "tmpdir": scratch,
                    "strings_to_formulas": False,
                    "strings_to_numbers": False,
                    "strings_to_urls": False,
                },
            )
            _fill(book, table)
            book.close()
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return timezone.localtime(cell).strftime(CSV_MOMENT)
    return inert(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


def _fill(book: Workbook, table: Table) -> None:
    sheet = book.add_worksheet(table.title)
    heading = book.add_format({"bold": True})
    # As text also once somebody edits it: else Excel would make a number of a cédula.
    text, moment = book.add_format({"num_format": "@"}), book.add_format()
    moment.set_num_format(XLSX_MOMENT)
    for index, column in enumerate(table.columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(0, index, column.title, heading)
    last_row, last_column = 0, len(table.columns) - 1
    for last_row, row in enumerate(table.rows, start=1):
        for index, cell in enumerate(row):
            _write(sheet, (last_row, index), cell, moment if isinstance(cell, datetime) else text)
    sheet.autofilter(0, 0, last_row, last_column)
    sheet.ignore_errors({"number_stored_as_text": f"A1:Z{last_row + 1}"})
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write(sheet: Any, at: tuple[int, int], cell: Cell, form: Any) -> None:
    match cell:
        case datetime():  # a cell of Excel has no time zone
            sheet.write_datetime(*at, timezone.make_naive(cell), form)
        case int():
            sheet.write_number(*at, cell)
        case str() if written := inert(cell):
            sheet.write_string(*at, written, form)
