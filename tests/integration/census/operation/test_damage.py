"""Answers that older releases stored damaged: named by a command, counted on the page."""

from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from accounts.models import CustomUser
from census.models import CedulaInfo
from census.operation.damage import damaged_answers
from census.states import Status
from tests.lookups import new_lookup
from tests.markup import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_day")]

PAGE = "/admin/operacion/"
PLACE = {
    "departamento": "NARIÑO",
    "municipio": "TÚQUERRES",
    "puesto": "I.E. «LA PEÑA»",
    "direccion": "CL 5 Nº 3 – 20",
    "mesa": "7",
}


def answer(cedula: str, status: str = Status.ACTIVE, **fields: Any) -> CedulaInfo:
    return new_lookup(cedula, status=status, **fields)


@pytest.fixture
def damaged() -> list[CedulaInfo]:
    whole = [
        answer("52000011", **PLACE),
        answer("52000012", Status.NOT_FOUND),
        answer("52000013", Status.CANCELLED_OTHER, novedad="Cancelada por Doble Cedulación"),
        answer("52000014", Status.PENDING),
        answer("52000015", Status.ERROR, error_message="Ã"),
    ]
    damaged = [
        answer("52000021", **PLACE | {"departamento": "NARIÃO", "direccion": ""}),
        answer("52000022", **PLACE | {"puesto": "LA PE\ufffdA"}),
        answer("52000023", **PLACE | {"direccion": ""}),
        answer("52000024", Status.CANCELLED_OTHER, novedad="Doble CedulaciÃ³n"),
    ]
    assert {info.pk for info in damaged_answers()}.isdisjoint(info.pk for info in whole)
    return damaged


def test_a_command_names_them_and_their_columns_and_nobody(damaged: list[CedulaInfo]) -> None:
    out = StringIO()

    call_command("damaged_answers", stdout=out)

    assert out.getvalue().splitlines() == [
        f"answer {damaged[0].pk}, ACTIVE: departamento, direccion",
        f"answer {damaged[1].pk}, ACTIVE: puesto",
        f"answer {damaged[2].pk}, ACTIVE: direccion",
        f"answer {damaged[3].pk}, CANCELLED_OTHER: novedad",
        "4 damaged in all.",
    ]


def test_the_operations_page_counts_them(
    client: Client, superadmin: CustomUser, damaged: list[CedulaInfo]
) -> None:
    client.force_login(superadmin)
    assert "4 respuestas se guardaron dañadas (con letras perdidas o sin dirección)" in text(
        client.get(PAGE)
    )

    CedulaInfo.objects.filter(pk__in=[info.pk for info in damaged[1:]]).update(**PLACE, novedad="")
    cache.clear()  # an hour later
    assert "1 respuesta se guardó dañada" in text(client.get(PAGE))


def test_where_none_is_damaged_it_does_not_speak_of_it(
    client: Client, superadmin: CustomUser
) -> None:
    answer("52000011", **PLACE)
    client.force_login(superadmin)

    assert "dañada" not in text(client.get(PAGE))
