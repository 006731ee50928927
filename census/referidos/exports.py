"""The tables that leaders export, and the record of each export."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import CustomUser
from census.lookups.answers import NOVEDAD
from census.models import ExportRecord
from census.privacy.novedades import may_read_novedades
from census.referidos.listing import Listing
from census.referidos.queries import in_order, people
from census.referidos.rows import STATES, WITHDRAWN
from census.referidos.spreadsheets import Cell, Column, Table
from census.referidos.summary import DEEPEST, Path, mesas_of

ROWS_AT_A_TIME = 500
"""Two such batches are in memory while the next is read, about a megabyte."""
LONGEST_FILTER = 500
"""Characters: the length of ExportRecord's column."""

_REFERIDOS = {
    "nombre_completo": Column("Nombre", 34),
    "cedula": Column("Cédula", 13),
    "phone": Column("Celular", 13),
    "cedula_info__status": Column("Estado", 24),
    "cedula_info__departamento": Column("Departamento", 20),
    "cedula_info__municipio": Column("Municipio", 22),
    "cedula_info__puesto": Column("Puesto", 38),
    "cedula_info__direccion": Column("Dirección", 32),
    "cedula_info__mesa": Column("Mesa", 8),
    "cedula_info__novedad": Column("Novedad", 32),
    "cedula_info__resolucion": Column("Resolución", 18),
    "cedula_info__fecha_novedad": Column("Fecha novedad", 15),
    "date_joined": Column("Se registró", 17),
    "cedula_info__fetched_at": Column("Consultado el", 17),
}
_NOVEDAD = frozenset({f"cedula_info__{name}" for name in NOVEDAD})
"""The columns that say why a cédula is cancelled; not every leader may read them."""

_MESAS = (
    *(_REFERIDOS[f"cedula_info__{level}"] for level in ("departamento", "municipio", "puesto")),
    Column("Mesa", 10),
    Column("Personas", 11),
)


@dataclass(frozen=True, slots=True)
class Export:
    """A table to export, and what is recorded of it."""

    content: ExportRecord.Content
    table: Table
    row_count: int
    filter: str


def referidos_export(leader: CustomUser, listing: Listing) -> Export:
    """All pages of the listing of `leader`'s referidos, in its order."""
    found = people(leader, listing)
    fields = list(_REFERIDOS)
    if not may_read_novedades(leader):
        fields = [field for field in fields if field not in _NOVEDAD]
    columns = tuple(_REFERIDOS[field] for field in fields)
    table = Table("Referidos", columns, _rows(in_order(found, listing), fields))
    query = listing.of_page(1).masked_query()
    return Export(ExportRecord.Content.REFERIDOS, table, found.count(), query)


def summary_export(leader: CustomUser, places: Path) -> Export:
    """The number of `leader`'s referidos at each mesa of the place."""
    shown = places[:DEEPEST]
    mesas = mesas_of(leader, shown)
    table = Table("Resumen", _MESAS, mesas)
    query = Listing(places=shown).query
    return Export(ExportRecord.Content.SUMMARY, table, len(mesas), query)


def record_export(
    export: Export, exported_by: CustomUser, file_format: ExportRecord.Format
) -> None:
    """Record who exports what. Call it before the first byte is sent."""
    ExportRecord.objects.create(
        exported_by=exported_by,
        content=export.content,
        format=file_format,
        filter=export.filter[:LONGEST_FILTER],
        row_count=export.row_count,
    )


def _rows(found: QuerySet[CustomUser], fields: Sequence[str]) -> Iterator[list[Cell]]:
    status_at = fields.index("cedula_info__status")
    with_withdrawal = (*fields, "consent_withdrawn_at")
    for *values, withdrawn_at in found.values_list(*with_withdrawal).iterator(ROWS_AT_A_TIME):
        # The page's words, which do not say why a cédula is cancelled.
        values[status_at] = WITHDRAWN if withdrawn_at else STATES[values[status_at]]
        yield values
