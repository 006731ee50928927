"""Files that a leader downloads, read by other libraries than the ones that write them."""

import csv
from io import BytesIO, StringIO

from django.test import Client
from python_calamine import CalamineWorkbook

ADDRESS = "/referidos/exportar/"
SUMMARY_ADDRESS = "/referidos/resumen/exportar/"


def downloaded(client: Client, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200
    return response.getvalue()


def csv_rows(client: Client, query: str = "", address: str = ADDRESS) -> list[list[str]]:
    content = downloaded(client, f"{address}?{query}&formato=csv").decode("utf-8-sig")
    return list(csv.reader(StringIO(content, newline=""), delimiter=";"))


def xlsx_rows(client: Client, query: str = "", address: str = ADDRESS) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(
        BytesIO(downloaded(client, f"{address}?{query}&formato=xlsx"))
    )
    return [list(row) for row in book.get_sheet_by_index(0).to_python(skip_empty_area=False)]
