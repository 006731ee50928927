"""Turns the outcome of an attempt into a status and the fields to store."""

from datetime import datetime
from typing import Any, assert_never

from django.conf import settings

from accounts.models import CustomUser
from census.lookups import retry
from census.models import CedulaInfo
from census.states import Status
from scraper.errors import ScraperError
from scraper.results import Cancelled, CancelReason, Found, Lookup, NotFound

PLACE = ("departamento", "municipio", "puesto", "direccion", "mesa")
NOVEDAD = ("novedad", "resolucion", "fecha_novedad")


def answer(lookup: Lookup) -> tuple[Status, dict[str, Any]]:
    """The status of an answer, and its fields; those that the answer lacks are emptied."""
    fields: dict[str, Any] = dict.fromkeys((*PLACE, *NOVEDAD), "")
    fields |= {"latitude": None, "longitude": None}
    fields |= {"error_kind": "", "error_message": "", "raw_response": ""}
    match lookup:
        case Found():
            names = (*PLACE, "latitude", "longitude")
            return Status.ACTIVE, fields | {name: getattr(lookup, name) for name in names}
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


def failure(error: ScraperError) -> dict[str, str]:
    """The fields that tell of a failed attempt."""
    return {
        "error_kind": type(error).__name__,
        "error_message": str(error),
        "raw_response": error.page_text,
    }


def lookup_after(
    person: CustomUser, outcome: Lookup | ScraperError, at: datetime, attempts: int = 1
) -> CedulaInfo:
    """An unsaved lookup of `person` as so many attempts leave it, the last one ended `at`.

    For rows made without a worker, in bulk or one by one: demo, tests, benchmarks.
    """
    if isinstance(outcome, ScraperError):
        decision = retry.decide(outcome, attempts, settings.RETRY_DELAYS_SECONDS)
        status = decision.status if isinstance(decision, retry.Over) else Status.PENDING
        fields: dict[str, Any] = failure(outcome)
    else:
        status, fields = answer(outcome)
        fields["fetched_at"] = at
    return CedulaInfo(
        user=person,
        status=status,
        attempts=attempts,
        retry_count=attempts - 1,
        requested_at=person.date_joined,
        next_attempt_at=person.date_joined,
        updated_at=at,
        **fields,
    )
