"""Every route there is, walked by those who may see nothing of others, and by forged forms."""

import re

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from accounts.models import CustomUser
from census.states import Status
from tests.people import HTMX, new_person, set_lookup

pytestmark = pytest.mark.django_db

CENSUS = {
    "departamento": "DEPARTAMENTO AJENO",
    "municipio": "MUNICIPIO AJENO",
    "puesto": "PUESTO AJENO",
    "direccion": "DIRECCIÓN AJENA",
    "mesa": "98417",
    "novedad": "NOVEDAD AJENA",
    "resolucion": "RESOLUCIÓN AJENA",
    "fecha_novedad": "FECHA AJENA",
    "raw_response": "TEXTO AJENO",
    "error_message": "FALLO AJENO",
}
ENDS_THE_SESSION = {"/salir/"}


def routes(resolver: URLResolver, user_id: int, prefix: str = "/") -> list[str]:
    """Every address of ours, with this id where it takes one."""
    found: list[str] = []
    for entry in resolver.url_patterns:
        path = prefix + re.sub(r"<int:\w+>", str(user_id), str(entry.pattern))
        if isinstance(entry, URLPattern):
            found.append(path)
        elif "admin" not in path:
            found += routes(entry, user_id, path)
    return [path for path in found if path not in ENDS_THE_SESSION]


def answers(client: Client, address: str, form: dict[str, str]) -> list[HttpResponseBase]:
    """Request an address in every way that a browser does, and return the answers."""
    return [
        ask(address, form, headers=headers)
        for ask in (client.get, client.post)
        for headers in ({}, HTMX)
    ]


def body(response: HttpResponseBase) -> str:
    content = response.getvalue() if response.streaming else response.content  # type: ignore[attr-defined]
    return f"{response.headers}\n{content.decode(errors='replace')}"


@pytest.fixture
def found(person: CustomUser) -> CustomUser:
    """`person`, of whom the census has told everything there is."""
    set_lookup(person, status=Status.ACTIVE, **CENSUS)
    return person


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.CANCELLED_OTHER, Status.ERROR])
@pytest.mark.parametrize("viewer", ["fellow", "inviter", "leader of others", "nobody"])
def test_no_route_gives_census_data_of_others(
    found: CustomUser, stranger: CustomUser, viewer: str, status: Status
) -> None:
    set_lookup(found, status=status)
    fellow, inviter = new_person(referred_by=found.referred_by), new_person()
    if viewer == "inviter":  # brought them, and leads nobody
        CustomUser.objects.filter(pk=found.pk).update(referred_by=inviter)
    who = {"fellow": fellow, "inviter": inviter, "leader of others": stranger}
    client = Client()
    if viewer in who:
        client.force_login(who[viewer])
    form = {"ids": str(found.pk), "q": found.nombre_completo, "todos": "1"}

    walked = routes(get_resolver(), found.pk)
    assert len(walked) > 15
    for address in walked:
        for response in answers(client, address, form):
            assert response.status_code != 500
            shown = body(response)
            assert not [value for value in CENSUS.values() if value in shown], address
            assert found.cedula not in shown, address
    found.cedula_info.refresh_from_db()
    assert found.cedula_info.status == status  # and nobody had them looked up again


def test_the_walk_finds_census_data_where_it_may_be_seen(
    client: Client, found: CustomUser, leader: CustomUser
) -> None:
    client.force_login(leader)

    walked = routes(get_resolver(), found.pk)
    shown = "".join(body(answer) for path in walked for answer in answers(client, path, {}))

    assert CENSUS["puesto"] in shown
    assert CENSUS["direccion"] in shown


def test_a_form_from_elsewhere_does_nothing_at_any_route(
    found: CustomUser, leader: CustomUser
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(leader)
    set_lookup(found, status=Status.ERROR)

    for address in routes(get_resolver(), found.pk):
        response = strict.post(address, {"ids": str(found.pk), "q": "98", "todos": "1"})
        assert response.status_code in {403, 405}, address
    found.cedula_info.refresh_from_db()
    assert found.cedula_info.status == Status.ERROR
    assert "searches" not in strict.session
