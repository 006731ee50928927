"""The profile, and changing one's own data."""

import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.forms.people import ProfileForm
from accounts.models import CustomUser
from tests.markup import element, field_errors, text, value, words

pytestmark = pytest.mark.django_db

GOOD = {"nombre_completo": "Camilo Suárez", "phone": "(601) 234 5678", "referral_goal": "25"}


class TestProfile:
    def test_it_shows_ones_own_data(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)

        shown = text(client.get("/perfil/"))

        for words_ in (
            person.cedula_formatted,
            "Camilo Suárez León",
            "300 123 4567",
            "Te invitó Amparo Quintero Díaz",
        ):
            assert words_ in shown

    def test_it_shows_all_that_people_tell_about_themselves(
        self, client: Client, person: CustomUser
    ) -> None:
        told = {name: f"dicho en {name}" for name in CustomUser.OWN_FIELDS}
        CustomUser.objects.filter(pk=person.pk).update(**told)
        client.force_login(person)

        shown = text(client.get("/perfil/"))

        assert [name for name, value in told.items() if value not in shown] == []

    def test_the_card_in_it_is_the_one_that_is_asked_for_alone(
        self, client: Client, person: CustomUser
    ) -> None:
        client.force_login(person)

        with time_machine.travel(timezone.now(), tick=False):  # both tell how much is done by now
            whole = element(client.get("/perfil/"), "#censo_card")
            alone = element(client.get("/censo/", headers={"HX-Request": "true"}), "#censo_card")

        # Its seconds and its share of the wait go on between the two.
        assert re.sub(r"\d+", "#", words(whole)) == re.sub(r"\d+", "#", words(alone))
        assert whole["hx-get"] == alone["hx-get"] == "/censo/"

    def test_it_is_not_kept_by_the_browser(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)

        for page in (
            "/",
            "/mi-enlace/",
            "/perfil/",
            "/censo/",
            "/perfil/editar/",
            "/cambiar-clave/",
        ):
            assert "no-store" in client.get(page)["Cache-Control"]

    @pytest.mark.parametrize(
        ("name", "is_shown"),
        [("person", False), ("leader", False), ("superadmin", True)],
    )
    def test_the_way_to_the_administration_is_shown_to_staff_alone(
        self, client: Client, request: pytest.FixtureRequest, name: str, *, is_shown: bool
    ) -> None:
        client.force_login(request.getfixturevalue(name))

        response = client.get("/perfil/")

        assert ("Administración" in words(element(response, "#nav"))) == is_shown
        assert words(element(response, "#nav [aria-current=page]")) == "Mi perfil"


class TestEditing:
    def test_what_is_typed_is_cleaned_and_saved(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)

        response = client.post("/perfil/editar/", GOOD, follow=True)

        assert response.redirect_chain == [("/perfil/", 302)]
        assert "Guardamos tus datos." in text(response)
        person.refresh_from_db()
        assert person.nombre_completo == "Camilo Suárez"
        assert person.phone == "6012345678"
        assert person.referral_goal == 25

    def test_the_form_starts_with_what_is_stored(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)
        response = client.get("/perfil/editar/")

        assert value(response, "nombre_completo") == "Camilo Suárez León"
        assert value(response, "phone") == "300 123 4567"
        assert value(response, "referral_goal") == "10"

    def test_a_goal_of_none_is_allowed(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)
        client.post("/perfil/editar/", GOOD | {"referral_goal": "0"})

        person.refresh_from_db()
        assert person.referral_goal == 0

    @pytest.mark.parametrize(
        ("field", "typed", "sentence"),
        [
            ("nombre_completo", "", "Escribe tu nombre completo."),
            ("nombre_completo", "---", "Escribe tu nombre con letras."),
            ("phone", "12", "Un número de Colombia tiene 10 dígitos y escribiste 2. Revísalo."),
            ("referral_goal", "", "Escribe tu meta de referidos, o 0 si no llevas ninguna."),
            ("referral_goal", "-1", "La meta no puede ser menor que 0."),
            ("referral_goal", "muchos", "Escribe la meta como un número entero."),
            ("referral_goal", "1e9", "Escribe la meta como un número entero."),
            ("referral_goal", "9" * 30, "La meta puede ser de hasta 100000 personas."),
        ],
    )
    def test_a_mistake_is_explained_and_nothing_is_saved(
        self, client: Client, person: CustomUser, field: str, typed: str, sentence: str
    ) -> None:
        client.force_login(person)

        response = client.post("/perfil/editar/", GOOD | {field: typed})

        assert response.status_code == 422
        assert field_errors(response) == {field: [sentence]}
        assert value(response, field) == typed
        person.refresh_from_db()
        assert person.nombre_completo == "Camilo Suárez León"

    def test_what_others_change_in_the_same_moment_stays(
        self, client: Client, person: CustomUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client.force_login(person)

        def somebody_else_is_at_work(form: ProfileForm) -> None:
            CustomUser.objects.filter(pk=form.instance.pk).update(role="LEADER", consented_at=None)

        monkeypatch.setattr(ProfileForm, "clean", somebody_else_is_at_work)
        client.post("/perfil/editar/", GOOD)

        person.refresh_from_db()
        assert person.nombre_completo == "Camilo Suárez"
        assert person.is_leader
        assert person.consented_at is None

    def test_forged_fields_change_nothing(
        self, client: Client, person: CustomUser, stranger: CustomUser
    ) -> None:
        client.force_login(person)
        before = CustomUser.objects.filter(pk=person.pk).values(
            "cedula", "role", "is_staff", "is_superuser", "referred_by", "referral_code"
        )
        stored = before.get()

        client.post(
            "/perfil/editar/",
            GOOD
            | {
                "cedula": "52345678",
                "role": "LEADER",
                "is_staff": "on",
                "is_superuser": "on",
                "referred_by": stranger.pk,
                "referral_code": "AAAAAAAA",
            },
        )

        assert before.get() == stored
