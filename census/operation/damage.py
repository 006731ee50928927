"""Answers that releases before 1.1 stored damaged: they decoded some of them twice.

Since then the parsers refuse such an answer (`scraper.parsers.decoding`).
"""

from django.core.cache import cache
from django.db.models import Q, QuerySet

from census.models import CedulaInfo
from census.states import Status

TEXTS = (
    *("departamento", "municipio", "puesto", "direccion"),
    *("novedad", "resolucion", "fecha_novedad"),
)
SIGNS = ("Ã", "\ufffd")
"""Left of a letter that was decoded by the wrong encoding, or lost."""
COUNTED_FOR_SECONDS = 3600
"""Counting reads all answers, and the operations page is read every ten seconds."""
_KEY = "census.damaged_answers"


def damaged_answers() -> QuerySet[CedulaInfo]:
    """Answers with one of SIGNS, and places without an address: its column was not recognised."""
    has_sign = Q()
    for name in TEXTS:
        for sign in SIGNS:
            has_sign |= Q(**{f"{name}__contains": sign})
    return CedulaInfo.objects.filter(has_sign | Q(status=Status.ACTIVE, direccion=""))


def number_of_damaged_answers() -> int:
    """Their number, at most COUNTED_FOR_SECONDS old."""
    return cache.get_or_set(_KEY, damaged_answers().count, COUNTED_FOR_SECONDS) or 0


def damage(info: CedulaInfo) -> list[str]:
    """The columns of an answer that are damaged."""
    return [
        name
        for name in TEXTS
        if any(sign in getattr(info, name) for sign in SIGNS)
        or (name == "direccion" and info.status == Status.ACTIVE and not info.direccion)
    ]
