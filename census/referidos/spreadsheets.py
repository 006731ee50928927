"""Write tables as CSV and Excel files, in memory that does not grow with the number of rows.

Cells hold what people typed, and whoever opens the file trusts it: no cell may act as anything but
text. This module uses neither the database nor the web.
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
"""A datetime must be aware; it is written in TIME_ZONE."""

CSV_SEPARATOR = ";"
"""Excel expects it where the comma is the decimal sign, as in Colombia. There is no `sep=` line:
every other reader takes it for data, and with it Excel ignores the byte order mark."""
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel decodes letters with accents by an old code page."""
CSV_CHUNK = 32 * 1024
"""Characters that are buffered before they are sent: a packet for each row would be slow."""
CSV_MOMENT = "%Y-%m-%d %H:%M"
XLSX_MOMENT = "yyyy-mm-dd hh:mm"

_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]+")
"""Control characters, line breaks and non-characters: XML cannot hold most of them, and careless
readers take a line break inside a cell for a new row."""
_STARTS_A_FORMULA = frozenset("=+-@＝＋－＠﹦﹢﹣﹫")  # noqa: RUF001  Excel evaluates the wide ones too
_XLSXWRITER_MARKUP = "<r>"
"""XlsxWriter copies a text that begins with this, and ends with </r>, into the file as markup."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title, and its width in characters."""

    title: str
    width: int


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and rows that are iterated once, while they are written."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]


def inert(text: str) -> str:
    """`text` on one line, with an apostrophe before it if a spreadsheet would evaluate it."""
    line = _UNWRITABLE.sub(" ", text).strip()
    # Invisible characters (categories C and Z) may come before the sign.
    first = next((sign for sign in line if unicodedata.category(sign)[0] not in "CZ"), "")
    is_active = first in _STARTS_A_FORMULA or line.startswith(_XLSXWRITER_MARKUP)
    return f"'{line}" if is_active else line


def csv_chunks(table: Table) -> Iterator[bytes]:
    """The table as CSV in UTF-8, in chunks, while its rows are being read."""
    buffer = StringIO(newline="")
    buffer.write(BYTE_ORDER_MARK)
    writer = csv.writer(buffer, delimiter=CSV_SEPARATOR, lineterminator="\r\n")
    writer.writerow(column.title for column in table.columns)
    for row in table.rows:
        writer.writerow(map(_csv_cell, row))
        if buffer.tell() >= CSV_CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def xlsx_file(table: Table) -> IO[bytes]:
    """The table as an open temporary Excel file at position 0, which closing deletes."""
    file = TemporaryFile()  # noqa: SIM115  the caller closes it
    try:
        # A folder of its own, so that no file stays if writing fails half-way.
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
    # The text format: otherwise Excel makes a number of a cédula as soon as somebody edits it.
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
