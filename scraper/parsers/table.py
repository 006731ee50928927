"""Read tables of results. Columns are recognised by name, never by position alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scraper.errors import UnknownPage
from scraper.parsers.markup import Node, is_hidden, visible_text
from scraper.parsers.text import fold
from scraper.parsers.values import Field, field_value, lookup_from_fields
from scraper.results import Lookup

_NAMES = {
    Field.NUIP: ("nuip", "cedula", "cedula ciudadania", "documento", "documento identidad"),
    Field.DEPARTAMENTO: ("departamento", "depto", "dpto"),
    Field.MUNICIPIO: ("municipio", "mpio", "mcpio"),
    Field.PUESTO: ("puesto", "puesto votacion", "nombre puesto"),
    Field.DIRECCION: ("direccion", "direccion puesto", "dir"),
    Field.MESA: ("mesa", "mesa votacion"),
    Field.NOVEDAD: ("novedad",),
    Field.RESOLUCION: ("resolucion",),
    Field.FECHA_NOVEDAD: ("fecha novedad", "fecha"),
}
"""Whole names of columns; "código del puesto" is not the puesto."""
_FIELDS = {name: field for field, names in _NAMES.items() for name in names}
_FILLING = frozenset({"de", "del", "la", "el", "no", "nro", "num", "numero", "n"})
_WORDS = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    label: Field | None
    """The field that the cell's own `data-th` names."""
    is_labelled: bool
    """True if it has a `data-th`, known or not."""
    is_heading: bool
    spans: bool
    """True if it spans several columns or rows, so that counting columns misleads."""


def column_field(name: str) -> Field | None:
    """Return the field that a column's name means; case, accents, colons and "No." are ignored."""
    words = [word for word in _WORDS.findall(fold(name)) if word not in _FILLING]
    return _FIELDS.get(" ".join(words))


def read_tables(container: Node, cedula: str | None) -> Lookup | None:
    """Return the answer of the visible tables in a container, or None if there is no table.

    Raises UnknownPage if the tables give no answer or different ones, and whatever
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
    """True if the row has names in place of values, by its texts or by its tags."""
    texts = [cell.text for cell in cells if cell.text]
    if texts and all(column_field(text) for text in texts):
        return True
    return bool(cells) and all(cell.is_heading for cell in cells)


def _header(cells: Sequence[_Cell]) -> list[Field | None]:
    if any(cell.spans for cell in cells):
        return []
    return [column_field(cell.text) or cell.label for cell in cells]


def _fields(cells: Sequence[_Cell], header: Sequence[Field | None]) -> dict[Field, str]:
    """Return {field: value}; empty for a row without names, such as the notice under a table.

    Raises UnknownPage for a value in a column that is not known: it may be the address, under a
    name that was damaged or changed.
    """
    fits = len(cells) == len(header) and not any(cell.spans for cell in cells)
    labelled = [cell.is_labelled for cell in cells]
    if any(labelled) and not all(labelled) and not fits:
        raise UnknownPage("The row and the header of the table do not match.")
    fields: dict[Field, str] = {}
    for index, cell in enumerate(cells):
        field = cell.label or (header[index] if fits else None)
        if field is None:
            if cell.text and (cell.is_labelled or fits):
                raise UnknownPage("The table has a column that is not known.")
            continue
        if fields.setdefault(field, cell.text) != cell.text:
            raise UnknownPage("The row of the table gives one field twice.")
    return fields
