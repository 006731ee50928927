"""Whoever has neither accepted nor declined the policy in force is asked before anything else."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts import policy
from accounts.consents import accepts_messages, withdraw_consent
from accounts.models import CustomUser
from census.models import CedulaInfo
from census.states import Status
from tests.markup import element, field_errors, page, text
from tests.people import HTMX, new_cedula, set_lookup
from tests.typed import PASSWORD, REGISTRATION

pytestmark = pytest.mark.django_db

NEW_VERSION = "2027-01"


@pytest.fixture
def new_version(monkeypatch: pytest.MonkeyPatch, person: CustomUser) -> CustomUser:
    """The person, once the policy has changed."""
    monkeypatch.setattr(policy, "VERSION", NEW_VERSION)
    return person


@pytest.mark.parametrize("address", ["/", "/perfil/", "/referidos/?estado=todos", "/mi-enlace/"])
def test_any_page_leads_there_and_knows_where_from(
    client: Client, new_version: CustomUser, address: str
) -> None:
    client.force_login(new_version)

    response = client.get(address)

    assert response.status_code == 302
    asked = client.get(response["Location"])
    assert asked.request["PATH_INFO"] == "/autorizar/"
    assert element(asked, "input[name=next]")["value"] == address
    assert "Cambió la política" in text(asked)
    assert not element(asked, "#id_data_policy_accepted").has_attr("checked")


def test_the_login_leads_there(client: Client, new_version: CustomUser) -> None:
    login = {"username": new_version.cedula, "password": PASSWORD}

    response = client.post("/ingresar/", login, follow=True)

    assert response.redirect_chain[-1][0] == "/autorizar/?next=%2Fperfil%2F"


def test_htmx_takes_the_whole_page_there(client: Client, new_version: CustomUser) -> None:
    client.force_login(new_version)
    on_profile = HTMX | {"HX-Current-URL": "http://testserver/perfil/"}

    response = client.get("/censo/", headers=on_profile)

    assert response["HX-Redirect"] == "/autorizar/?next=%2Fperfil%2F"
    assert text(response) == ""


def test_a_form_that_is_sent_is_not_carried_out(client: Client, new_version: CustomUser) -> None:
    set_lookup(new_version, status=Status.ERROR)
    client.force_login(new_version)

    response = client.post("/refrescar-cedula/", headers={"Referer": "http://testserver/perfil/"})

    assert response["Location"] == "/autorizar/?next=%2Fperfil%2F"
    assert CedulaInfo.objects.get(user=new_version).status == Status.ERROR


@pytest.mark.parametrize(
    "address",
    [
        *("/autorizar/", "/politica/", "/salud/", "/perfil/mis-datos/"),
        *("/perfil/mis-datos/descargar/", "/perfil/mis-datos/retirar/"),
        "/perfil/mis-datos/eliminar/",
    ],
)
def test_what_one_needs_to_decide_stays_open(
    client: Client, new_version: CustomUser, address: str
) -> None:
    client.force_login(new_version)

    assert client.get(address).status_code in {200, 503}


def test_one_can_log_out_without_deciding(client: Client, new_version: CustomUser) -> None:
    client.force_login(new_version)

    assert client.post("/salir/")["Location"] == "/ingresar/"
    assert "_auth_user_id" not in client.session


def test_accepting_goes_back_and_lookups_go_on(client: Client, new_version: CustomUser) -> None:
    client.force_login(new_version)
    answer = {"data_policy_accepted": "on", "next": "/mi-enlace/"}

    response = client.post("/autorizar/", answer, follow=True)

    assert response.redirect_chain == [("/mi-enlace/", 302)]
    new_version.refresh_from_db()
    assert new_version.consent_version == NEW_VERSION
    consent = new_version.consents.first()
    assert consent is not None
    assert (consent.version, consent.channel, consent.ip_address) == (
        NEW_VERSION,
        "WEB",
        "127.0.0.1",
    )
    assert not accepts_messages(new_version)
    assert client.get("/perfil/").status_code == 200


def test_only_a_tick_is_an_authorisation(client: Client, new_version: CustomUser) -> None:
    client.force_login(new_version)

    response = client.post("/autorizar/", {"next": "/"})

    assert response.status_code == 422
    assert field_errors(response).keys() == {"data_policy_accepted"}
    new_version.refresh_from_db()
    assert not new_version.has_consent


def test_it_leads_nowhere_else(client: Client, new_version: CustomUser) -> None:
    client.force_login(new_version)
    answer = {"data_policy_accepted": "on", "next": "https://example.com/"}

    assert client.post("/autorizar/", answer)["Location"] == "/perfil/"


def test_declining_says_first_what_follows_and_is_respected(
    client: Client, new_version: CustomUser
) -> None:
    client.force_login(new_version)
    [decline] = page(client.get("/autorizar/")).select("form .actions a")
    told = client.get(str(decline["href"]))
    assert "Borramos de inmediato" in text(told)

    response = client.post(str(decline["href"]), follow=True)

    assert response.redirect_chain == [("/perfil/", 302)]
    assert "Retiraste tu autorización" in text(response)
    assert not CedulaInfo.objects.filter(user=new_version).exists()
    assert client.get("/").status_code == 200  # asked once, not at every page


def test_somebody_made_by_an_administrator_is_asked_too(client: Client) -> None:
    person = CustomUser.objects.create_user(new_cedula(), nombre_completo="Fidel Rincón Paz")
    client.force_login(person)

    asked = client.get("/perfil/", follow=True)
    assert "Alguien de la campaña creó tu cuenta" in text(asked)
    client.post("/autorizar/", {"data_policy_accepted": "on", "messages_accepted": "on"})

    assert CedulaInfo.objects.filter(user=person).exists()
    assert accepts_messages(person)


@pytest.mark.parametrize("power", ["is_staff", "is_superuser"])
def test_the_staff_is_not_asked(client: Client, power: str) -> None:
    person = CustomUser.objects.create_user(new_cedula(), nombre_completo="Fidel Rincón Paz")
    CustomUser.objects.filter(pk=person.pk).update(**{power: True})
    client.force_login(person)

    assert client.get("/perfil/").status_code == 200


def test_whoever_withdrew_logs_in_and_can_come_back(client: Client, person: CustomUser) -> None:
    withdraw_consent(person)
    login = {"username": person.cedula, "password": PASSWORD}

    profile = client.post("/ingresar/", login, follow=True)
    assert profile.redirect_chain == [("/perfil/", 302)]
    [again] = page(profile).select("#censo_card a.btn")
    client.post(str(again["href"]), {"data_policy_accepted": "on"})

    person.refresh_from_db()
    assert person.has_consent
    assert CedulaInfo.objects.get(user=person).status == Status.PENDING


def test_whoever_has_authorised_is_led_on(client: Client, person: CustomUser) -> None:
    client.force_login(person)

    assert client.get("/autorizar/?next=/mi-enlace/")["Location"] == "/mi-enlace/"
    assert person.consents.count() == 1


def test_asking_costs_no_query(
    client: Client, person: CustomUser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(person)

    with django_assert_num_queries(2):  # the session and the person
        client.get("/cambiar-clave/")


@pytest.mark.parametrize("accepts", [True, False])
def test_messages_are_asked_for_apart_at_the_registration(client: Client, *, accepts: bool) -> None:
    assert not element(client.get("/registro/"), "#id_messages_accepted").has_attr("checked")

    client.post("/registro/", REGISTRATION | ({"messages_accepted": "on"} if accepts else {}))

    person = CustomUser.objects.get(cedula="52345678")
    assert accepts_messages(person) == accepts
    assert person.has_consent


def test_a_leader_sees_who_must_decide_first(
    client: Client, leader: CustomUser, new_version: CustomUser
) -> None:
    CustomUser.objects.filter(pk=leader.pk).update(consent_version=NEW_VERSION)
    client.force_login(leader)

    card = client.get(f"/censo/{new_version.pk}/", headers=HTMX)

    assert "Falta su autorización" in text(card)
