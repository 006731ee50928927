"""The details that a row opens to, and a referido's page for their leader."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import CustomUser
from census.models import CedulaInfo
from census.states import SETTLED, Status
from tests.markup import element, text, words
from tests.people import HTMX, set_lookup
from tests.referidos import PLACE

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # 10 in the morning in Bogotá
EVERYBODY = [("person", 200), ("leader", 200), ("superadmin", 200), ("stranger", 403)]

STATES: list[tuple[dict[str, object], tuple[str, ...]]] = [
    (
        PLACE | {"status": Status.ACTIVE, "fetched_at": NOW},
        (
            "Puesto IE LA ESPERANZA, mesa 7",
            "Dirección CALLE 45 # 23-12",
            "Municipio MEDELLÍN, ANTIOQUIA",
            "El censo respondió a las 10:00 a.m.",
            "Ver en el mapa",
        ),
    ),
    (
        {
            "status": Status.CANCELLED_OTHER,
            "novedad": "Cancelada por Doble Cedulación",
            "resolucion": "1234 de 2019",
            "fecha_novedad": "12/03/2019",
        },
        ("La cédula aparece cancelada: por ahora no puede votar",),
    ),
    ({"status": Status.NOT_FOUND}, ("La cédula no está en el censo electoral.",)),
    (
        {"status": Status.TIMEOUT, "error_kind": "SiteTimeout"},
        ("Último fallo La página del censo tardó demasiado en responder.",),
    ),
    (
        {
            "status": Status.PENDING,
            "attempts": 1,
            "error_kind": "SiteBlocked",
            "next_attempt_at": NOW + timedelta(minutes=5),
        },
        (
            "Último fallo La página del censo no nos dejó entrar.",
            "Próximo intento a las 10:05 a.m.",
        ),
    ),
    ({"status": Status.PENDING, "next_attempt_at": NOW}, ("En la fila Puesto 1",)),
]


@pytest.mark.parametrize(("fields", "sentences"), STATES)
def test_a_row_opens_to_all_that_is_known(
    client: Client,
    person: CustomUser,
    leader: CustomUser,
    fields: dict[str, object],
    sentences: tuple[str, ...],
) -> None:
    CedulaInfo.objects.exclude(user=person).update(status=Status.NOT_FOUND)
    set_lookup(person, requested_at=NOW - timedelta(hours=1), **fields)
    with time_machine.travel(NOW, tick=False):
        client.force_login(leader)
        shown = words(element(client.get(f"/referido/{person.pk}/", headers=HTMX), ".details"))

    for sentence in (*sentences, "Se pidió a las 9:00 a.m.", f"Cédula {person.cedula_formatted}"):
        assert sentence in shown


@pytest.mark.parametrize("status", sorted(SETTLED))
def test_whatever_the_census_answered_stands_in_the_details(
    client: Client, person: CustomUser, leader: CustomUser, status: Status
) -> None:
    set_lookup(person, status=status)
    client.force_login(leader)

    details = element(client.get(f"/referido/{person.pk}/", headers=HTMX), ".details")

    assert {words(term) for term in details.select("dt")} & {"Puesto", "Censo"}


def test_without_a_phone_the_page_says_so_and_the_row_leaves_it_out(
    client: Client, person: CustomUser, leader: CustomUser
) -> None:
    CustomUser.objects.filter(pk=person.pk).update(phone="")
    client.force_login(leader)

    assert "Celular Sin celular" in words(element(client.get(f"/referidos/{person.pk}/"), "main"))
    details = element(client.get(f"/referido/{person.pk}/", headers=HTMX), ".details")
    assert "Celular" not in words(details)


def test_without_an_authorisation_that_is_what_it_says(
    client: Client, person: CustomUser, leader: CustomUser
) -> None:
    CedulaInfo.objects.filter(user=person).delete()
    client.force_login(leader)

    assert "No ha dado su autorización" in text(client.get(f"/referido/{person.pk}/", headers=HTMX))


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize(("name", "status"), EVERYBODY)
def test_who_may_see_them(
    client: Client,
    person: CustomUser,
    request: pytest.FixtureRequest,
    name: str,
    status: int,
    headers: dict[str, str],
) -> None:
    set_lookup(person, status=Status.ACTIVE, **PLACE)
    viewer = request.getfixturevalue(name)
    client.force_login(viewer)

    for address in (f"/referido/{person.pk}/", f"/referidos/{person.pk}/"):
        response = client.get(address, headers=headers, follow=True)
        assert response.status_code == status
        assert ("IE LA ESPERANZA" in text(response)) == (status == 200)


def test_without_htmx_a_row_opens_as_the_person_s_page(
    client: Client, person: CustomUser, leader: CustomUser
) -> None:
    client.force_login(leader)

    for address in (f"/referido/{person.pk}/", f"/referidos/{person.pk}/"):
        response = client.get(address)
        assert words(element(response, "h1")) == person.nombre_completo
        trail = element(response, "nav[aria-label=Ruta]")
        assert [link["href"] for link in trail.select("a")] == ["/referidos/"]
        assert words(element(response, "[aria-current=page]:not(.site-nav a)")) == (
            person.nombre_completo
        )
        assert element(response, "#censo_card")["hx-get"] == f"/censo/{person.pk}/"


def test_ones_own_page_is_the_profile(client: Client, person: CustomUser) -> None:
    client.force_login(person)

    for address in (f"/referido/{person.pk}/", f"/referidos/{person.pk}/"):
        assert client.get(address)["Location"] == "/perfil/"


def test_the_card_without_htmx_leads_back_to_whose_it_is(
    client: Client, person: CustomUser, leader: CustomUser
) -> None:
    client.force_login(leader)

    assert client.get(f"/censo/{person.pk}/")["Location"] == f"/referidos/{person.pk}/"
    assert client.get(f"/censo/{leader.pk}/")["Location"] == "/perfil/"
