"""Permissions of the person, their leader, another leader, and a superadmin."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from accounts.http import TargetRequest
from accounts.models import CustomUser
from accounts.permissions import leader_or_self_required
from census.models import CedulaInfo
from census.states import Status
from tests.markup import element, text, words
from tests.people import HTMX, new_person

pytestmark = pytest.mark.django_db

NOBODY = 2**40
PUBLIC = {
    *("/registro/", "/ingresar/", "/politica/", "/cuenta-eliminada/", "/salud/"),
    # For the browser that installs the site, and where there is no connection: nothing of anybody.
    *("/manifest.webmanifest", "/sw.js", "/sin-conexion/"),
}
NOT_THERE = {"/metricas/"}
"""Until the operator sets METRICS_TOKEN."""
LEADERS_ONLY = {"/referidos/exportar/", "/referidos/resumen/", "/referidos/resumen/exportar/"}
POST_ONLY = {
    "/salir/",
    "/perfil/mis-datos/mensajes/",
    "/perfil/seguridad/sesiones/1/cerrar/",
    "/perfil/seguridad/sesiones/cerrar-otras/",
    "/refrescar-cedula/",
    "/refrescar-cedula/1/",
    "/referidos/buscar/",
    "/bulk-refresh/",
    "/bulk-refresh/cancelar/",
    "/bulk-refresh/cerrar/",
}


@leader_or_self_required
def guarded_view(request: TargetRequest, user_id: int) -> HttpResponse:
    return HttpResponse(f"{request.target_user.pk} {user_id}")


def ask(viewer: CustomUser | AnonymousUser, user_id: int) -> str:
    request = RequestFactory().get("/")
    request.user = viewer
    try:
        response = guarded_view(request, user_id=user_id)
    except PermissionDenied:
        return "403"
    except Http404:
        return "404"
    assert isinstance(response, HttpResponse)
    return response.content.decode()


class TestLeaderOrSelf:
    def test_the_person_their_leader_and_superusers_pass(
        self, person: CustomUser, leader: CustomUser, superadmin: CustomUser
    ) -> None:
        for viewer in (person, leader, superadmin):
            assert ask(viewer, person.pk) == f"{person.pk} {person.pk}"

    def test_everybody_else_is_refused(
        self, person: CustomUser, leader: CustomUser, stranger: CustomUser
    ) -> None:
        fellow = CustomUser.objects.filter(referred_by=leader).exclude(pk=person.pk).get()

        assert ask(stranger, person.pk) == "403"
        assert ask(fellow, person.pk) == "403"
        assert ask(person, leader.pk) == "403"
        assert ask(AnonymousUser(), person.pk) == "403"

    def test_whoever_brought_a_person_but_is_no_leader_is_refused(self, person: CustomUser) -> None:
        assert ask(person, new_person(referred_by=person).pk) == "403"

    def test_a_leader_of_the_leader_is_refused(
        self, person: CustomUser, leader: CustomUser, stranger: CustomUser
    ) -> None:
        CustomUser.objects.filter(pk=leader.pk).update(referred_by=stranger)

        assert ask(stranger, person.pk) == "403"

    def test_staff_alone_is_no_reason(self, person: CustomUser, stranger: CustomUser) -> None:
        stranger.is_staff = True

        assert ask(stranger, person.pk) == "403"

    def test_nobody_learns_who_is_registered(
        self, person: CustomUser, leader: CustomUser, stranger: CustomUser, superadmin: CustomUser
    ) -> None:
        for viewer in (person, leader, stranger):
            assert ask(viewer, NOBODY) == "403"
        assert ask(superadmin, NOBODY) == "404"


def addresses(resolver: URLResolver, prefix: str = "/") -> list[str]:
    """Every address of ours, with 1 for an id."""
    found = []
    for entry in resolver.url_patterns:
        path = prefix + re.sub("<int:[a-z_]+>", "1", str(entry.pattern))
        if isinstance(entry, URLPattern):
            found.append(path)
        elif "admin" not in path:
            found += addresses(entry, path)
    return found


def test_without_a_login_only_the_public_pages_open(client: Client) -> None:
    every = set(addresses(get_resolver()))
    assert every > PUBLIC | POST_ONLY | LEADERS_ONLY

    for address in every:
        response = client.post(address) if address in POST_ONLY else client.get(address)
        if address in PUBLIC:
            assert response.status_code in {200, 503}, address
        elif address in NOT_THERE:
            assert response.status_code == 404, address
        else:
            assert response.status_code == 302, address
            assert response["Location"].startswith("/ingresar/"), address


@pytest.mark.parametrize(
    ("name", "status"), [("person", 403), ("leader", 200), ("superadmin", 200), ("stranger", 200)]
)
@pytest.mark.parametrize("address", sorted(LEADERS_ONLY))
@pytest.mark.usefixtures("person")
def test_whoever_leads_nobody_opens_no_page_of_leaders(
    client: Client, request: pytest.FixtureRequest, address: str, name: str, status: int
) -> None:
    client.force_login(request.getfixturevalue(name))

    assert client.get(address).status_code == status


@pytest.mark.parametrize(
    ("name", "status"),
    [("person", 200), ("leader", 200), ("superadmin", 200), ("stranger", 403)],
)
class TestAnotherPersonsLookup:
    def test_refreshing_it(
        self,
        client: Client,
        person: CustomUser,
        request: pytest.FixtureRequest,
        name: str,
        status: int,
    ) -> None:
        CedulaInfo.objects.filter(user=person).update(status=Status.ERROR)
        client.force_login(request.getfixturevalue(name))

        response = client.post(f"/refrescar-cedula/{person.pk}/", headers=HTMX)

        assert response.status_code == status
        queued = CedulaInfo.objects.get(user=person).status == Status.PENDING
        assert queued == (status == 200)

    def test_refreshing_it_without_htmx(
        self,
        client: Client,
        person: CustomUser,
        request: pytest.FixtureRequest,
        name: str,
        status: int,
    ) -> None:
        CedulaInfo.objects.filter(user=person).update(status=Status.ERROR)
        client.force_login(request.getfixturevalue(name))

        response = client.post(f"/refrescar-cedula/{person.pk}/")

        assert response.status_code == (302 if status == 200 else status)

    def test_seeing_its_card(
        self,
        client: Client,
        person: CustomUser,
        request: pytest.FixtureRequest,
        name: str,
        status: int,
    ) -> None:
        CedulaInfo.objects.filter(user=person).update(status=Status.ACTIVE, puesto="IE LA UNIÓN")
        client.force_login(request.getfixturevalue(name))

        response = client.get(f"/censo/{person.pk}/", headers=HTMX)

        assert response.status_code == status
        assert ("IE LA UNIÓN" in text(response)) == (status == 200)


class TestTheCardOfAReferido:
    def test_it_speaks_of_them_and_asks_for_itself(
        self, client: Client, person: CustomUser, leader: CustomUser
    ) -> None:
        client.force_login(leader)

        card = element(client.get(f"/censo/{person.pk}/", headers=HTMX), "#censo_card")

        assert "Dónde vota Está en la fila" in words(card)
        assert card["hx-get"] == f"/censo/{person.pk}/"

    def test_its_button_refreshes_them_and_not_the_leader(
        self, client: Client, person: CustomUser, leader: CustomUser
    ) -> None:
        CedulaInfo.objects.update(status=Status.TIMEOUT, error_kind="SiteTimeout")
        client.force_login(leader)
        form = element(client.get(f"/censo/{person.pk}/", headers=HTMX), "form")

        response = client.post(str(form["hx-post"]), headers=HTMX)

        assert "volvimos a pedir el puesto" in response["HX-Trigger"]
        assert CedulaInfo.objects.get(user=person).status == Status.PENDING
        assert CedulaInfo.objects.get(user=leader).status == Status.TIMEOUT

    def test_by_ones_own_id_it_is_ones_own_card(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)

        card = element(client.get(f"/censo/{person.pk}/", headers=HTMX), "#censo_card")

        assert card["hx-get"] == "/censo/"

    def test_a_plain_form_returns_to_the_page_it_names_on_this_host(
        self, client: Client, person: CustomUser, leader: CustomUser
    ) -> None:
        client.force_login(leader)
        address = f"/refrescar-cedula/{person.pk}/"

        assert client.post(address, {"next": "/?a=1"})["Location"] == "/?a=1"
        for nowhere in ({"next": "//example.com/"}, {}):
            page = client.post(address, nowhere)["Location"]
            assert page == f"/referidos/{person.pk}/"


@pytest.mark.parametrize("user_id", [0, NOBODY, 10**30])
def test_an_id_of_nobody_is_refused_not_an_error(
    client: Client, stranger: CustomUser, superadmin: CustomUser, user_id: int
) -> None:
    client.force_login(stranger)
    assert client.post(f"/refrescar-cedula/{user_id}/").status_code == 403
    client.force_login(superadmin)
    assert client.post(f"/refrescar-cedula/{user_id}/").status_code == 404
