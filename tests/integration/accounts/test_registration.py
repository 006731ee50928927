"""People register themselves; the form says what is wrong, where, and keeps what was typed."""

import json
import subprocess
import sys
from typing import Any

import pytest
from django.contrib.auth.password_validation import (
    UserAttributeSimilarityValidator,
    get_default_password_validators,
)
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import policy, registration
from accounts.consents import ClientDetails
from accounts.forms import password_fields
from accounts.forms.people import RegistrationForm
from accounts.identity import phone as phones
from accounts.identity.cedula import InvalidCedula
from accounts.models import Consent, CustomUser
from accounts.services import register_user
from census.models import CedulaInfo
from census.states import Status
from tests.markup import element, field_errors, text, value
from tests.people import CountedHasher, new_person
from tests.typed import PASSWORD, REGISTRATION

TAKEN = (
    "No pudimos crear la cuenta con estos datos. Si ya te registraste, ingresa con tu contraseña;"
    " si no, avísale a quien te invitó."
)


@pytest.mark.django_db
def test_a_person_registers_and_is_on_their_profile(client: Client) -> None:
    response = client.post("/registro/", REGISTRATION, follow=True)

    assert response.redirect_chain == [("/perfil/", 302)]
    person = CustomUser.objects.get(cedula="52345678")
    assert response.context["user"] == person
    fields = RegistrationForm.base_fields
    for name in CustomUser.OWN_FIELDS:
        assert getattr(person, name) == fields[name].clean(REGISTRATION[name]) != "", name
    assert person.check_password(PASSWORD)
    assert CedulaInfo.objects.get(user=person).status == Status.PENDING
    assert "ya tienes tu cuenta" in text(response)


@pytest.mark.django_db
def test_a_registration_is_not_remembered_beyond_the_browser(client: Client) -> None:
    client.get("/registro/")
    response = client.post("/registro/", REGISTRATION)

    assert client.session.get_expire_at_browser_close()
    assert response.cookies["sessionid"]["max-age"] == ""


@pytest.mark.django_db
def test_a_session_from_before_the_registration_is_not_taken_over(client: Client) -> None:
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = session.session_key

    client.post("/registro/", REGISTRATION)

    assert client.session.session_key != before


@pytest.mark.django_db
def test_the_consent_is_kept_as_proof(client: Client) -> None:
    client.post(
        "/registro/",
        REGISTRATION,
        headers={"User-Agent": "Firefox\x07 148"},
        REMOTE_ADDR="192.0.2.7",
    )

    consent = Consent.objects.get()
    assert consent.user.consented_at == consent.given_at
    assert consent.version == policy.VERSION
    assert consent.text_sha256 == policy.text_sha256()
    assert consent.channel == Consent.Channel.WEB
    assert consent.ip_address == "192.0.2.7"
    assert consent.user_agent == "Firefox 148"


@pytest.mark.django_db
def test_a_forwarded_address_proves_nothing_and_a_socket_has_none(client: Client) -> None:
    client.post(
        "/registro/", REGISTRATION, headers={"X-Forwarded-For": "192.0.2.9"}, REMOTE_ADDR=""
    )

    assert Consent.objects.get().ip_address is None


WRONG = [
    ("cedula", "", "Escribe tu número de cédula."),
    (
        "cedula",
        "12a456",
        "La cédula lleva solo números: quita las letras y los demás signos.",
    ),
    ("cedula", "12345", "Una cédula tiene entre 6 y 10 números y escribiste 5. Revísala."),
    (
        "cedula",
        "12.345.678.901",
        "Una cédula tiene entre 6 y 10 números y escribiste 11. Revísala.",
    ),
    ("cedula", "0123456", "Una cédula no empieza por cero. Revisa el número."),
    ("nombre_completo", " ", "Escribe tu nombre completo."),
    ("nombre_completo", "\u200b\u202e", "Escribe tu nombre completo."),
    ("nombre_completo", "123 456", "Escribe tu nombre con letras."),
    ("nombre_completo", "A", "Escribe tu nombre completo, no solo una letra."),
    ("nombre_completo", "A" * 151, "Tu nombre puede tener hasta 150 letras: acórtalo."),
    ("phone", "", "Escribe tu número de celular."),
    ("phone", "trescientos", "El celular lleva solo números, sin letras ni otros signos."),
    ("phone", "123", "Un número de Colombia tiene 10 dígitos y escribiste 3. Revísalo."),
    (
        "phone",
        "1001234567",
        "Un celular empieza por 3 y un teléfono fijo por 60. Revisa el número.",
    ),
    ("password1", "", "Escribe una contraseña."),
    ("password2", "", "Escribe la contraseña otra vez."),
    ("password2", "otra-clave-9", password_fields.MISMATCH),
    (
        "data_policy_accepted",
        "",
        "Sin tu autorización no podemos registrarte: marca la casilla si la das.",
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("field", "typed", "sentence"), WRONG)
def test_a_mistake_is_explained_at_its_field_and_what_was_typed_stays(
    client: Client, field: str, typed: str, sentence: str
) -> None:
    given = REGISTRATION | {field: typed}
    if not typed:
        del given[field]

    response = client.post("/registro/", given)

    assert response.status_code == 422
    assert field_errors(response) == {field: [sentence]}
    summary = element(response, "#error_summary")
    assert summary.has_attr("autofocus")
    assert summary["tabindex"] == "-1"
    assert [link["href"] for link in summary.select("a")] == [f"#id_{field}"]
    for name in ("cedula", "nombre_completo", "phone"):
        typed_again = given.get(name, "").replace("\n", "")
        assert value(response, name) in {typed_again, phones.formatted(typed_again)}
    assert value(response, "password1") == value(response, "password2") == ""
    is_checked = element(response, "#id_data_policy_accepted").has_attr("checked")
    assert is_checked == ("data_policy_accepted" in given)
    assert not CustomUser.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("corta-7", "La contraseña es muy corta: usa al menos 8 caracteres."),
        ("84736251940", "La contraseña no puede ser solo de números: agrega letras."),
        ("52345678", "La contraseña se parece demasiado a tus datos. Elige otra."),
        ("luzdarycano", "La contraseña se parece demasiado a tus datos. Elige otra."),
        (
            "sunshine1",
            "Esa contraseña es de las más usadas y se adivina fácil. Elige otra.",
        ),
        (
            "Colombia2026*",
            "Esa contraseña es de las más usadas y se adivina fácil. Elige otra.",
        ),
    ],
)
def test_a_weak_password_is_refused_in_plain_words(
    client: Client, password: str, sentence: str
) -> None:
    response = client.post(
        "/registro/", REGISTRATION | {"password1": password, "password2": password}
    )

    assert response.status_code == 422
    assert sentence in field_errors(response)["password1"]


def test_a_password_is_compared_with_all_that_people_tell_about_themselves() -> None:
    (similarity,) = [
        validator
        for validator in get_default_password_validators()
        if isinstance(validator, UserAttributeSimilarityValidator)
    ]
    assert {*similarity.user_attributes} == {"cedula", *CustomUser.OWN_FIELDS}


@pytest.mark.django_db
def test_an_empty_form_names_every_field_in_order(client: Client) -> None:
    response = client.post("/registro/", {})

    assert response.status_code == 422
    fields = RegistrationForm.base_fields
    assert list(field_errors(response)) == [name for name in REGISTRATION if fields[name].required]


class TestATakenCedula:
    """Nothing tells that a cédula has an account but to whoever knows its password."""

    pytestmark = pytest.mark.django_db

    def test_the_answer_fits_other_reasons_and_stands_at_no_field(
        self, client: Client, person: CustomUser
    ) -> None:
        typed = REGISTRATION | {"cedula": person.cedula_formatted, "password1": "no-es-esa-clave-1"}

        response = client.post("/registro/", typed | {"password2": "no-es-esa-clave-1"})

        assert response.status_code == 422
        assert field_errors(response) == {}
        assert text(response).count(TAKEN) == 1
        assert "ya hay una cuenta" not in text(response).lower()
        assert value(response, "cedula") == person.cedula_formatted
        assert value(response, "password1") == ""
        assert "_auth_user_id" not in client.session

    def test_the_same_form_sent_twice_does_no_harm(self, client: Client) -> None:
        client.post("/registro/", REGISTRATION)
        again = Client()

        response = again.post("/registro/", REGISTRATION | {"nombre_completo": "Otra Cosa"})

        assert response["Location"] == "/perfil/"
        person = CustomUser.objects.get()
        assert again.session["_auth_user_id"] == str(person.pk)
        assert person.nombre_completo == REGISTRATION["nombre_completo"]
        assert again.session.get_expire_at_browser_close()

    def test_a_closed_account_is_not_entered_by_it(
        self, client: Client, person: CustomUser
    ) -> None:
        CustomUser.objects.filter(pk=person.pk).update(is_active=False)

        response = client.post("/registro/", REGISTRATION | {"cedula": person.cedula})

        assert response.status_code == 422
        assert TAKEN in text(response)

    @pytest.mark.parametrize(
        ("password", "status"), [(PASSWORD, 302), ("la-de-otra-persona-3", 422)]
    )
    def test_taken_at_the_last_moment_it_is_the_same(
        self, client: Client, monkeypatch: pytest.MonkeyPatch, password: str, status: int
    ) -> None:
        def somebody_is_faster(*args: Any, **more: Any) -> CustomUser:
            register_user("52345678", "Ana Rojas", "3001234567", password)
            return register_user(*args, **more)

        monkeypatch.setattr(registration, "register_user", somebody_is_faster)
        response = client.post("/registro/", REGISTRATION)

        assert response.status_code == status
        assert (TAKEN in text(response)) == (status == 422)
        assert CustomUser.objects.get().nombre_completo == "Ana Rojas"

    def test_as_many_passwords_are_hashed_as_for_a_new_account(
        self, client: Client, person: CustomUser, settings: Settings
    ) -> None:
        settings.PASSWORD_HASHERS = ["tests.people.CountedHasher"]
        person.set_password(PASSWORD)
        person.save()
        wrong = {"password1": "no-es-esa-clave-1", "password2": "no-es-esa-clave-1"}
        hashed = []
        for cedula in (person.cedula, "52345678"):
            before = CountedHasher.hashed
            client.post("/registro/", REGISTRATION | wrong | {"cedula": cedula})
            hashed.append(CountedHasher.hashed - before)

        assert hashed == [1, 1]


REGISTER_TWICE_AT_ONCE = """
import json, threading
from django.db import connection
from accounts.models import Consent, CustomUser
from accounts.services import CedulaTaken, register_user

start, outcomes = threading.Barrier(2), []

def register():
    start.wait(10)
    try:
        register_user("52345678", "Ana Rojas", "3001234567", "una-clave-larga-7")
        outcomes.append("made")
    except CedulaTaken as problem:
        outcomes.append(str(problem))
    finally:
        connection.close()

threads = [threading.Thread(target=register) for _ in range(2)]
[thread.start() for thread in threads]
[thread.join(30) for thread in threads]
print(json.dumps([sorted(outcomes), CustomUser.objects.count(), Consent.objects.count()]))
"""


def test_of_two_registrations_at_once_one_is_made_and_one_refused(
    own_database: dict[str, str],
) -> None:
    """In a process of its own: the tests' database in memory has no locks to wait for."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", REGISTER_TWICE_AT_ONCE],
        env=own_database,
        cwd=own_database["PYTHONPATH"],
        check=True,
        capture_output=True,
        text=True,
    )

    assert json.loads(done.stdout) == [[TAKEN, "made"], 1, 1]


@pytest.mark.django_db
def test_forged_fields_change_nothing(client: Client, leader: CustomUser) -> None:
    forged = {
        "role": "LEADER",
        "is_staff": "on",
        "is_superuser": "on",
        "referred_by": leader.pk,
        "referral_goal": 99,
        "referral_code": "AAAAAAAA",
        "consented_at": "2000-01-01",
        "groups": "1",
        "id": leader.pk,
    }

    client.post("/registro/", REGISTRATION | forged)

    person = CustomUser.objects.get(cedula="52345678")
    assert person.pk != leader.pk
    assert person.role == CustomUser.Role.USER
    assert not any((person.is_staff, person.is_superuser))
    assert person.referred_by is None
    assert person.referral_goal == 10
    assert person.referral_code != "AAAAAAAA"
    assert person.consented_at is not None
    assert person.consented_at.year >= timezone.now().year


@pytest.mark.django_db
def test_the_name_is_stored_without_what_cannot_be_seen(client: Client) -> None:
    client.post(
        "/registro/", REGISTRATION | {"nombre_completo": " Mari\u0301a\u200b\x00 \t José\u202e "}
    )

    assert CustomUser.objects.get().nombre_completo == "María José"


@pytest.mark.django_db
def test_somebody_logged_in_goes_to_their_profile(client: Client, person: CustomUser) -> None:
    client.force_login(person)

    assert client.get("/registro/")["Location"] == "/perfil/"
    assert client.post("/registro/", REGISTRATION)["Location"] == "/perfil/"
    assert not CustomUser.objects.filter(cedula="52345678").exists()


@pytest.mark.django_db
def test_passwords_are_offered_to_password_managers_as_new_ones(client: Client) -> None:
    response = client.get("/registro/")

    assert element(response, "#id_cedula")["autocomplete"] == "username"
    assert element(response, "#id_cedula")["inputmode"] == "numeric"
    assert element(response, "#id_cedula")["type"] == "text"
    for name in ("password1", "password2"):
        assert element(response, f"#id_{name}")["autocomplete"] == "new-password"


@pytest.mark.django_db
def test_the_service_refuses_what_is_no_cedula_and_records_nothing() -> None:
    with pytest.raises(InvalidCedula):
        register_user("0123456", "Ana Rojas", "3001234567", PASSWORD)

    assert not CustomUser.objects.exists()


@pytest.mark.django_db
def test_the_service_records_its_own_channel_unless_told_another(leader: CustomUser) -> None:
    user = register_user("52.345.678", "Ana Rojas", "3001234567", PASSWORD, leader)
    other = new_person()

    assert user.referred_by == leader
    assert user.consents.get().channel == Consent.Channel.SERVICE
    assert other.consents.get().ip_address is None
    assert ClientDetails().channel == Consent.Channel.SERVICE


@pytest.mark.django_db
def test_without_the_proof_there_is_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise OSError("the text of the policy cannot be read")

    monkeypatch.setattr(Consent.objects, "bulk_create", lost)
    with pytest.raises(OSError, match="cannot be read"):
        register_user("52345678", "Ana Rojas", "3001234567", PASSWORD)

    assert not CustomUser.objects.exists()
