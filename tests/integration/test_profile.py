"""The home page, the profile, and changing one's own data."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.forms import ProfileForm
from accounts.models import CustomUser
from tests.markup import element, field_errors, text, value, words
from tests.people import new_person

pytestmark = pytest.mark.django_db

GOOD = {"nombre_completo": "Camilo Suárez", "phone": "(601) 234 5678", "referral_goal": "25"}


class TestHome:
    def test_the_link_is_whole_and_registers_referidos(
        self, client: Client, leader: CustomUser
    ) -> None:
        client.force_login(leader)
        link = value_of_link(client)
        assert link == f"http://testserver/registro/?ref={leader.referral_code}"

        client.logout()
        assert "Te invita Amparo" in text(client.get(link))

    @pytest.mark.usefixtures("stranger")
    @pytest.mark.parametrize(
        ("count", "goal", "sentence", "bar"),
        [
            (0, 10, "Todavía nadie se ha registrado con tu enlace.", ("0", "10")),
            (1, 10, "Has invitado a 1 persona de las 10 de tu meta.", ("1", "10")),
            (2, 2, "¡Cumpliste tu meta! Has invitado a 2 personas.", ("2", "2")),
            (3, 2, "¡Cumpliste tu meta! Has invitado a 3 personas.", ("2", "2")),
            (0, 0, "0 personas Se registraron con tu enlace. No tienes una meta.", None),
            (1, 0, "1 persona Se registró con tu enlace. No tienes una meta.", None),
        ],
    )
    def test_it_counts_referidos_against_the_goal(
        self,
        client: Client,
        count: int,
        goal: int,
        sentence: str,
        bar: tuple[str, str] | None,
    ) -> None:
        person = new_person()
        CustomUser.objects.filter(pk=person.pk).update(referral_goal=goal)
        for _ in range(count):
            new_person(referred_by=person)
        client.force_login(person)

        response = client.get("/")

        assert sentence in text(response)
        bars = BeautifulSoup(response.content, "html.parser").select("progress")
        assert [(one["value"], one["max"]) for one in bars] == ([bar] if bar else [])

    def test_it_takes_few_queries_however_many_referidos(
        self, client: Client, leader: CustomUser, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(5):
            new_person(referred_by=leader)
        client.force_login(leader)

        with django_assert_num_queries(3):  # session, person, count
            client.get("/")


def value_of_link(client: Client) -> str:
    return str(element(client.get("/"), "#enlace")["value"])


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

    def test_the_card_in_it_is_the_one_that_is_asked_for_alone(
        self, client: Client, person: CustomUser
    ) -> None:
        client.force_login(person)

        whole = element(client.get("/perfil/"), "#censo_card")
        alone = element(client.get("/censo/", headers={"HX-Request": "true"}), "#censo_card")

        assert words(whole) == words(alone)
        assert whole["hx-get"] == alone["hx-get"] == "/censo/"

    def test_it_is_not_kept_by_the_browser(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)

        for page in ("/", "/perfil/", "/censo/", "/perfil/editar/", "/cambiar-clave/"):
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
        assert value(response, "phone") == "3001234567"
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
