"""A leader's referidos in any state and number, for tests."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from bs4 import Tag
from django.conf import settings

from accounts.consents import bulk_create_with_consent
from accounts.models import CustomUser
from census.models import CedulaInfo
from census.states import Status
from tests.markup import HasContent, page, words
from tests.people import new_cedula, new_person

_number = count(1)

CLOCK = int(settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql")
"""Queries for the clock that all hosts share: one on PostgreSQL; SQLite uses the host's clock."""

PLACE: dict[str, Any] = {
    "departamento": "ANTIOQUIA",
    "municipio": "MEDELLÍN",
    "puesto": "IE LA ESPERANZA",
    "direccion": "CALLE 45 # 23-12",
    "mesa": "7",
}


def referido(
    leader: CustomUser, nombre_completo: str, status: Status = Status.TIMEOUT, **fields: Any
) -> CustomUser:
    """A new referido of `leader`, with a lookup in that state."""
    person = new_person(nombre_completo, referred_by=leader)
    CedulaInfo.objects.filter(user=person).update(status=status, **fields)
    return person


def referidos(leader: CustomUser, number: int, status: Status = Status.TIMEOUT) -> list[int]:
    """Make `number` referidos in bulk; return their user ids."""
    names = [f"Persona {next(_number):05}" for _ in range(number)]
    people = bulk_create_with_consent(
        CustomUser(
            cedula=new_cedula(),
            nombre_completo=name,
            referred_by=leader,
        )
        for name in names
    )
    CedulaInfo.objects.bulk_create(CedulaInfo(user=person, status=status) for person in people)
    return [person.pk for person in people]


def names_in(response: HasContent) -> list[str]:
    """The names in the table's rows, in order."""
    return [words(link) for link in page(response).select("tr.referido > th > a")]


def row_of(response: HasContent, person: CustomUser) -> Tag:
    found = page(response).select_one(f"tr#referido_{person.pk}")
    assert found is not None, f"no row of {person.nombre_completo}"
    return found


@dataclass(frozen=True)
class Unwrapped:
    """A response whose `<template>`s can be searched: parsers do not count them as the page's."""

    content: bytes


def unwrapped(response: HasContent) -> Unwrapped:
    """`response` with each `<template>` replaced by a `<div class="template">`."""
    content = response.content.replace(b"<template>", b'<div class="template">')
    return Unwrapped(content.replace(b"</template>", b"</div>"))
