"""Tables of results: columns are known by name, never by place alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scraper.errors import UnknownPage
from scraper.parsers.markup import Node, is_hidden, visible_text
from scraper.parsers.text import fold
from scraper.parsers.values import Field, field_value, lookup_from_fields
from scraper.results import Lookup

_FIELDS = {
    "nuip": Field.NUIP,
    "cedula": Field.NUIP,
    "cedula ciudadania": Field.NUIP,
    "documento": Field.NUIP,
    "documento identidad": Field.NUIP,
    "departamento": Field.DEPARTAMENTO,
    "depto": Field.DEPARTAMENTO,
    "dpto": Field.DEPARTAMENTO,
    "municipio": Field.MUNICIPIO,
    "mpio": Field.MUNICIPIO,
    "mcpio": Field.MUNICIPIO,
    "puesto": Field.PUESTO,
    "puesto votacion": Field.PUESTO,
    "nombre puesto": Field.PUESTO,
    "direccion": Field.DIRECCION,
    "direccion puesto": Field.DIRECCION,
    "dir": Field.DIRECCION,
    "mesa": Field.MESA,
    "mesa votacion": Field.MESA,
    "novedad": Field.NOVEDAD,
    "resolucion": Field.RESOLUCION,
    "fecha novedad": Field.FECHA_NOVEDAD,
    "fecha": Field.FECHA_NOVEDAD,
}
"""Whole names only: "código del puesto" is not the puesto."""
_FILLING = frozenset({"de", "del", "la", "el", "no", "nro", "num", "numero", "n"})
_WORDS = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    label: Field | None
    """What the cell itself says that it is, by `data-th`."""
    is_labelled: bool
    """Whether it says so at all, known to us or not."""
    is_heading: bool
    spans: bool
    """Whether it takes up the room of other cells, so that counting columns misleads."""


def column_field(name: str) -> Field | None:
    """The field that a column's name stands for; case, accents, colons and "No." do not matter."""
    words = [word for word in _WORDS.findall(fold(name)) if word not in _FILLING]
    return _FIELDS.get(" ".join(words))


def read_tables(container: Node, cedula: str | None) -> Lookup | None:
    """The one answer that the tables shown in a container give; None where it shows no table.

    Raises UnknownPage where a table gives no answer or several rows give different ones, and what
    `lookup_from_fields` raises.
    """
    tables = [table for table in container.css("table") if not is_hidden(table)]
    if not tables:
        return None
    answers = {
        lookup_from_fields(fields, cedula) for table in tables for fields in _data_rows(table)
    }
    if not answers:
        raise UnknownPage("The table has no row that can be read.")
    if len(answers) > 1:
        raise UnknownPage("The rows of the table give different answers.")
    return answers.pop()


def _data_rows(table: Node) -> Iterator[dict[Field, str]]:
    header: list[Field | None] = []
    for row in table.css("tr"):
        if is_hidden(row):
            continue
        cells = [_cell(node) for node in row.iter() if node.tag in {"td", "th"}]
        if _is_header(cells):
            header = _header(cells)
        elif fields := _fields(cells, header):
            yield fields


def _cell(node: Node) -> _Cell:
    attributes = node.attributes
    return _Cell(
        text=field_value(visible_text(node)),
        label=column_field(attributes.get("data-th") or ""),
        is_labelled=bool((attributes.get("data-th") or "").strip()),
        is_heading=node.tag == "th",
        spans=any((attributes.get(name) or "1") != "1" for name in ("colspan", "rowspan")),
    )


def _is_header(cells: Sequence[_Cell]) -> bool:
    """Whether the row holds names, not values: because each text is a name, or by its tags."""
    texts = [cell.text for cell in cells if cell.text]
    if texts and all(column_field(text) for text in texts):
        return True
    return bool(cells) and all(cell.is_heading for cell in cells)


def _header(cells: Sequence[_Cell]) -> list[Field | None]:
    if any(cell.spans for cell in cells):
        return []
    return [column_field(cell.text) or cell.label for cell in cells]


def _fields(cells: Sequence[_Cell], header: Sequence[Field | None]) -> dict[Field, str]:
    """The row's values by field; none for a row without names, as the notice under a table is."""
    fits = len(cells) == len(header) and not any(cell.spans for cell in cells)
    labelled = [cell.is_labelled for cell in cells]
    if any(labelled) and not all(labelled) and not fits:
        raise UnknownPage("The row and the header of the table do not match.")
    fields: dict[Field, str] = {}
    for index, cell in enumerate(cells):
        field = cell.label or (header[index] if fits else None)
        if field is None:
            continue
        if fields.setdefault(field, cell.text) != cell.text:
            raise UnknownPage("The row of the table gives one field twice.")
    return fields
