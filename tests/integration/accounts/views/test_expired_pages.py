"""A form whose token no longer holds does nothing, keeps what was typed, and has a way on."""

import json

import pytest
from django.test import Client

from accounts.models import CustomUser
from tests.markup import element, text, value
from tests.people import HTMX
from tests.typed import PASSWORD, REGISTRATION

pytestmark = pytest.mark.django_db

OWN = "http://testserver"


@pytest.fixture
def strict() -> Client:
    """A browser whose forms need a token that holds."""
    return Client(enforce_csrf_checks=True)


def from_page(path: str) -> dict[str, str]:
    return {"Referer": f"{OWN}{path}"}


def test_a_registration_shows_again_what_was_typed_but_no_password(strict: Client) -> None:
    response = strict.post(
        "/registro/?ref=ABCDEFGH", REGISTRATION, headers=from_page("/registro/?ref=ABCDEFGH")
    )

    assert response.status_code == 403
    assert "Lo que escribiste sigue aquí" in text(response)
    assert value(response, "cedula") == REGISTRATION["cedula"]
    assert value(response, "nombre_completo") == REGISTRATION["nombre_completo"]
    assert value(response, "phone") == REGISTRATION["phone"]
    assert element(response, "#id_data_policy_accepted").has_attr("checked")
    assert value(response, "password1") == value(response, "password2") == ""
    assert PASSWORD.encode() not in response.content
    assert element(response, "main form")["action"] == "/registro/?ref=ABCDEFGH"
    assert not CustomUser.objects.exists()

    sent_again = REGISTRATION | {"csrfmiddlewaretoken": value(response, "csrfmiddlewaretoken")}
    assert strict.post("/registro/", sent_again)["Location"] == "/perfil/"


def test_a_login_keeps_the_cedula_and_where_one_was_going(strict: Client) -> None:
    typed = {"username": "52.345.678", "password": PASSWORD, "next": "/referidos/"}

    response = strict.post("/ingresar/", typed, headers=from_page("/ingresar/?next=/referidos/"))

    assert response.status_code == 403
    assert value(response, "username") == "52.345.678"
    assert value(response, "next") == "/referidos/"
    assert value(response, "password") == ""


def test_where_another_tab_logged_in_a_profile_keeps_what_was_typed(
    strict: Client, person: CustomUser
) -> None:
    strict.force_login(person)
    strict.get("/perfil/editar/")
    typed = {"nombre_completo": "Camila Suárez", "phone": "301", "referral_goal": "25"}
    stale = typed | {"csrfmiddlewaretoken": "a" * 64}

    response = strict.post("/perfil/editar/", stale, headers=from_page("/perfil/editar/"))

    assert response.status_code == 403
    assert {name: value(response, name) for name in typed} == typed
    person.refresh_from_db()
    assert person.nombre_completo == "Camilo Suárez León"


@pytest.mark.parametrize("referrer", ["", "https://example.com/", "http://testserver.example.com/"])
def test_another_site_s_form_is_shown_nothing(strict: Client, referrer: str) -> None:
    headers = {"Referer": referrer} if referrer else {}

    response = strict.post("/registro/", REGISTRATION, headers=headers)

    assert response.status_code == 403
    assert "La página estaba vencida" in text(response)
    assert REGISTRATION["nombre_completo"].encode() not in response.content


def test_whoever_is_logged_out_as_well_logs_in_and_comes_back(strict: Client) -> None:
    response = strict.post("/refrescar-cedula/", headers=from_page("/perfil/"))
    assert response["Location"] == "/ingresar/?next=/perfil/"

    current = HTMX | {"HX-Current-URL": f"{OWN}/referidos/?estado=errores"}
    response = strict.post("/bulk-refresh/", {"todos": "1"}, headers=current)
    assert response["HX-Redirect"] == "/ingresar/?next=/referidos/%3Festado%3Derrores"


def test_a_page_that_htmx_serves_gets_a_token_that_holds(
    strict: Client, person: CustomUser
) -> None:
    strict.force_login(person)
    current = HTMX | {"HX-Current-URL": f"{OWN}/perfil/"}

    response = strict.post("/refrescar-cedula/", headers=current)

    assert response.status_code == 403
    events = json.loads(response["HX-Trigger"])
    [toast] = events["toast"]["messages"]
    assert "ya la pusimos al día" in toast["text"]
    token = {"csrfmiddlewaretoken": events["newToken"]["token"]}
    assert strict.post("/refrescar-cedula/", token, headers=current).status_code == 200


def test_what_is_no_form_of_its_own_gets_the_page_that_says_so(
    strict: Client, person: CustomUser
) -> None:
    strict.force_login(person)

    response = strict.post("/perfil/mis-datos/retirar/", headers=from_page("/perfil/mis-datos/"))

    assert response.status_code == 403
    assert element(response, "h1").get_text() == "La página estaba vencida"
    person.refresh_from_db()
    assert person.has_consent
