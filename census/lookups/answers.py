"""Turns an answer of the census into a settled status and the fields to store."""

from typing import Any, assert_never

from census.places import place_keys
from census.states import Status
from scraper.results import Cancelled, CancelReason, Found, Lookup, NotFound

PLACE = ("departamento", "municipio", "puesto", "direccion", "mesa")
NOVEDAD = ("novedad", "resolucion", "fecha_novedad")


def answer(lookup: Lookup) -> tuple[Status, dict[str, Any]]:
    """The status of an answer, and every answer field: those it does not have are emptied."""
    fields: dict[str, Any] = dict.fromkeys((*PLACE, *NOVEDAD), "")
    fields |= {"latitude": None, "longitude": None, **place_keys({})}
    match lookup:
        case Found():
            place = {name: getattr(lookup, name) for name in PLACE}
            fields |= place | place_keys(place)
            fields |= {"latitude": lookup.latitude, "longitude": lookup.longitude}
            return Status.ACTIVE, fields
        case Cancelled():
            fields |= {name: getattr(lookup, name) for name in NOVEDAD}
            match lookup.reason:
                case CancelReason.DECEASED:
                    return Status.CANCELLED_DECEASED, fields
                case CancelReason.OTHER:
                    return Status.CANCELLED_OTHER, fields
                case _:
                    assert_never(lookup.reason)
        case NotFound():
            return Status.NOT_FOUND, fields
        case _:
            assert_never(lookup)
