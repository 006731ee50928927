"""The answers of the census about a cédula."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Found:
    """The cédula votes here. Names are text as the census writes them, trimmed; '' if absent."""

    departamento: str
    municipio: str
    puesto: str
    direccion: str
    mesa: str
    latitude: float | None = None
    """Degrees, WGS 84; not every page gives them."""
    longitude: float | None = None


class CancelReason(StrEnum):
    DECEASED = "deceased"
    """The novedad says that the person died."""
    OTHER = "other"
    """Any other novedad: the person cannot vote with this cédula at present."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The cédula is known but carries a novedad: cancelled, suspended or otherwise marked."""

    reason: CancelReason
    novedad: str
    resolucion: str = ""
    fecha_novedad: str = ""
    """Text as the census writes it: the format of the date is not documented."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """The census says, in so many words, that the cédula is not in it."""


Lookup = Found | Cancelled | NotFound
