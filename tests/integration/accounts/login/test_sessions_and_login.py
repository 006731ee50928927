"""Logging in and out, being remembered, changing the password, and sessions that end."""

from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import CustomUser
from tests.markup import element, field_errors, text, value
from tests.people import HTMX, new_cedula
from tests.typed import PASSWORD

pytestmark = pytest.mark.django_db

WRONG = "La cédula o la contraseña no coinciden. Revísalas e inténtalo de nuevo."
NEW_PASSWORD = "otra-clave-larga-8"


def log_in(client: Client, person: CustomUser, **more: str) -> Any:
    """The answer to the form; the class of the test client's answers has no name."""
    typed = {"username": person.cedula, "password": PASSWORD} | more
    return client.post("/ingresar/", typed)


class TestLoggingIn:
    @pytest.mark.parametrize("shape", ["{}", " {} ", "\u202d{}\u202c"])
    def test_the_cedula_may_be_typed_with_dots(
        self, client: Client, person: CustomUser, shape: str
    ) -> None:
        response = log_in(client, person, username=shape.format(person.cedula_formatted))

        assert response["Location"] == "/perfil/"
        assert client.session["_auth_user_id"] == str(person.pk)

    def test_the_field_has_room_for_dots_and_blanks(self, client: Client) -> None:
        assert int(str(element(client.get("/ingresar/"), "#id_username")["maxlength"])) >= 15

    def test_whatever_is_wrong_the_answer_is_the_same(
        self, client: Client, person: CustomUser, stranger: CustomUser
    ) -> None:
        CustomUser.objects.filter(pk=stranger.pk).update(is_active=False)
        attempts = [
            log_in(client, person, password="no-es-esta"),
            log_in(client, person, username=new_cedula()),
            log_in(client, person, username="no es una cédula"),
            log_in(client, stranger),
        ]

        for response in attempts:
            assert response.status_code == 422
            assert text(response).count(WRONG) == 1
            assert field_errors(response) == {}
            assert value(response, "password") == ""
        assert value(attempts[0], "username") == person.cedula
        assert "_auth_user_id" not in client.session

    def test_what_is_missing_is_said_at_its_field(self, client: Client) -> None:
        response = client.post("/ingresar/", {})

        assert response.status_code == 422
        assert field_errors(response) == {
            "username": ["Escribe tu número de cédula."],
            "password": ["Escribe tu contraseña."],
        }

    def test_the_session_is_not_the_one_from_before(
        self, client: Client, person: CustomUser
    ) -> None:
        session = client.session
        session["planted"] = "yes"
        session.save()

        log_in(client, person)

        assert client.session.session_key != session.session_key

    def test_it_ends_with_the_browser_unless_it_is_to_be_remembered(
        self, client: Client, person: CustomUser
    ) -> None:
        assert log_in(client, person).cookies["sessionid"]["max-age"] == ""
        assert client.session.get_expire_at_browser_close()

    def test_it_is_remembered_for_fourteen_days(self, client: Client, person: CustomUser) -> None:
        response = log_in(client, person, remember_me="on")

        assert response.cookies["sessionid"]["max-age"] == 14 * 24 * 3600
        assert client.session.get_expiry_age() == 14 * 24 * 3600

    def test_somebody_logged_in_goes_to_their_profile(
        self, client: Client, person: CustomUser, stranger: CustomUser
    ) -> None:
        client.force_login(person)

        assert client.get("/ingresar/")["Location"] == "/perfil/"
        assert log_in(client, stranger)["Location"] == "/perfil/"
        assert client.session["_auth_user_id"] == str(person.pk)

    def test_password_managers_are_told_what_the_fields_are(self, client: Client) -> None:
        response = client.get("/ingresar/")

        assert element(response, "#id_username")["autocomplete"] == "username"
        assert element(response, "#id_username")["inputmode"] == "numeric"
        assert element(response, "#id_password")["autocomplete"] == "current-password"


class TestNext:
    def test_one_returns_to_the_page_that_was_asked_for(
        self, client: Client, person: CustomUser
    ) -> None:
        response = client.get("/perfil/editar/", follow=True)

        assert response.redirect_chain == [("/ingresar/?next=/perfil/editar/", 302)]
        assert value(response, "next") == "/perfil/editar/"
        assert log_in(client, person, next="/perfil/editar/")["Location"] == "/perfil/editar/"

    def test_it_survives_a_wrong_password(self, client: Client, person: CustomUser) -> None:
        response = log_in(client, person, next="/perfil/editar/", password="no-es-esta")

        assert value(response, "next") == "/perfil/editar/"

    @pytest.mark.parametrize(
        "address",
        [
            "https://example.com/",
            "//example.com/",
            "///example.com",
            "/\\example.com",
            "http://testserver//example.com/",
            "http:///example.com",
            "javascript:alert(1)",
            "data:text/html,x",
            "\x00/perfil/",
            "perfil",
            "http://testserver",
        ],
    )
    def test_it_never_leads_to_another_host(
        self, client: Client, person: CustomUser, address: str
    ) -> None:
        shown = client.get("/ingresar/", query_params={"next": address})
        assert 'name="next"' not in shown.content.decode()

        assert log_in(client, person, next=address)["Location"] == "/perfil/"

    def test_an_address_of_this_host_is_reduced_to_its_path(
        self, client: Client, person: CustomUser
    ) -> None:
        response = log_in(client, person, next="http://testserver/perfil/editar/?a=1#b")

        assert response["Location"] == "/perfil/editar/?a=1"


class TestLoggingOut:
    def test_it_takes_a_post(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)
        assert client.get("/salir/").status_code == 405
        assert "_auth_user_id" in client.session

        response = client.post("/salir/", follow=True)

        assert response.redirect_chain == [("/ingresar/", 302)]
        assert "_auth_user_id" not in client.session
        assert "Cerraste la sesión." in text(response)

    def test_the_button_carries_a_csrf_token_that_is_asked_for(self, person: CustomUser) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(person)
        token = element(client.get("/"), "form[action='/salir/'] [name=csrfmiddlewaretoken]")

        refused = client.post("/salir/")
        assert refused.status_code == 403
        assert "La página estaba vencida" in text(refused)

        assert client.post("/salir/", {"csrfmiddlewaretoken": token["value"]}).status_code == 302


class TestChangingThePassword:
    typed: ClassVar = {
        "old_password": PASSWORD,
        "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD,
    }

    def test_the_session_goes_on_and_the_new_one_counts(
        self, client: Client, person: CustomUser
    ) -> None:
        log_in(client, person, remember_me="on")

        response = client.post("/cambiar-clave/", self.typed, follow=True)

        assert response.redirect_chain == [("/perfil/", 302)]
        assert "Cambiaste tu contraseña." in text(response)
        assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE
        person.refresh_from_db()
        assert person.check_password(NEW_PASSWORD)

    def test_other_sessions_end(self, client: Client, person: CustomUser) -> None:
        other = Client()
        log_in(other, person)
        log_in(client, person)

        client.post("/cambiar-clave/", self.typed)

        assert other.get("/perfil/").status_code == 302

    @pytest.mark.parametrize(
        ("field", "typed", "sentence"),
        [
            ("old_password", "no-es-esta", "Esa no es tu contraseña actual."),
            ("old_password", "", "Escribe tu contraseña actual."),
            (
                "new_password1",
                "corta-7",
                "La contraseña es muy corta: usa al menos 8 caracteres.",
            ),
            (
                "new_password2",
                "distinta-clave-9",
                "Las dos contraseñas no son iguales. Escríbelas de nuevo.",
            ),
        ],
    )
    def test_a_mistake_is_explained_at_its_field(
        self, client: Client, person: CustomUser, field: str, typed: str, sentence: str
    ) -> None:
        client.force_login(person)
        changes = {field: typed} | ({"new_password2": typed} if field == "new_password1" else {})

        response = client.post("/cambiar-clave/", self.typed | changes)

        assert response.status_code == 422
        assert field_errors(response) == {field: [sentence]}
        person.refresh_from_db()
        assert person.check_password(PASSWORD)

    def test_one_like_the_own_name_is_refused(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)
        typed = self.typed | {"new_password1": "camilosuarez", "new_password2": "camilosuarez"}

        assert "new_password1" in field_errors(client.post("/cambiar-clave/", typed))


class TestASessionThatEnded:
    """No login page inside a card, and no return to an address that is no page."""

    def test_htmx_is_sent_to_the_whole_login_page_and_back_to_its_page(
        self, client: Client
    ) -> None:
        current = {"HX-Current-URL": "http://testserver/perfil/?a=1"}

        response = client.get("/censo/", headers=HTMX | current)

        assert response.status_code == 200
        assert response["HX-Redirect"] == "/ingresar/?next=/perfil/%3Fa%3D1"
        assert not response.content

    @pytest.mark.parametrize(
        "page",
        [
            "",
            "https://example.com/perfil/",
            "http://testserver//example.com/",
            "javascript:alert(1)",
            "http://testserver.example.com/",
        ],
    )
    def test_a_page_elsewhere_is_not_returned_to(self, client: Client, page: str) -> None:
        response = client.get("/censo/", headers=HTMX | {"HX-Current-URL": page})

        assert response["HX-Redirect"] == "/ingresar/"

    def test_behind_a_proxy_that_ends_tls_one_returns_too(self, client: Client) -> None:
        headers = HTMX | {"HX-Current-URL": "https://testserver/perfil/"}

        assert client.get("/censo/", headers=headers)["HX-Redirect"] == "/ingresar/?next=/perfil/"

    def test_a_post_returns_to_the_page_it_was_sent_from(self, client: Client) -> None:
        response = client.post(
            "/refrescar-cedula/", headers={"Referer": "http://testserver/perfil/"}
        )
        assert response["Location"] == "/ingresar/?next=/perfil/"

        assert client.post("/refrescar-cedula/")["Location"] == "/ingresar/"

    def test_a_closed_account_is_logged_out(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)
        CustomUser.objects.filter(pk=person.pk).update(is_active=False)

        assert client.get("/perfil/").status_code == 302


class TestTheAdministration:
    def test_its_door_is_the_sites_own(self, client: Client, superadmin: CustomUser) -> None:
        response = client.get("/admin/accounts/customuser/?q=ana", follow=True)

        shown = value(response, "next")
        assert response.redirect_chain[-1][0].startswith("/ingresar/?next=")
        assert shown == "/admin/accounts/customuser/?q=ana"
        assert log_in(client, superadmin, next=shown)["Location"] == shown

    def test_nobody_logs_in_past_it(self, client: Client, superadmin: CustomUser) -> None:
        typed = {"username": superadmin.cedula, "password": PASSWORD, "next": "/admin/"}

        response = client.post("/admin/login/", typed)

        assert response["Location"] == "/ingresar/?next=/admin/"
        assert "_auth_user_id" not in client.session

    def test_it_leads_nowhere_else(self, client: Client) -> None:
        response = client.get("/admin/login/?next=https://example.com/")

        assert response["Location"] == "/ingresar/?next=/admin/"

    def test_whoever_is_no_staff_is_refused(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)

        assert client.get("/admin/", follow=True).status_code == 403
        assert "Administración" not in text(client.get(reverse("census:inicio")))

    def test_its_password_page_is_the_sites_own(
        self, client: Client, superadmin: CustomUser
    ) -> None:
        client.force_login(superadmin)

        assert client.get("/admin/password_change/")["Location"] == "/cambiar-clave/"
