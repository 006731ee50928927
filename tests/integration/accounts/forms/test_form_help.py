"""Hints of forms for browsers: keyboard, autocompletion, and constraints."""

import json

import pytest
from bs4 import Tag
from django.test import Client

from accounts.forms.people import RegistrationForm
from accounts.identity import cedula as cedulas
from accounts.identity import phone as phones
from accounts.identity.rules import Rules
from accounts.models import CustomUser
from tests.markup import element, field_errors, page, value
from tests.typed import REGISTRATION

pytestmark = pytest.mark.django_db

NUMERIC = "numeric"
FIELDS = {
    # By address and name: autocomplete, inputmode, and what the keyboard's own key says.
    "/registro/": {
        "cedula": ("username", NUMERIC, "next"),
        "nombre_completo": ("name", None, "next"),
        "phone": ("tel", None, "next"),
        "password1": ("new-password", None, "next"),
        "password2": ("new-password", None, "next"),  # the box comes after it
    },
    "/ingresar/": {
        "username": ("username", NUMERIC, "next"),
        "password": ("current-password", None, "go"),
    },
    "/perfil/editar/": {
        "nombre_completo": ("name", None, "next"),
        "phone": ("tel", None, "next"),
        "referral_goal": ("off", NUMERIC, "go"),
    },
    "/cambiar-clave/": {
        "old_password": ("current-password", None, "next"),
        "new_password1": ("new-password", None, "next"),
        "new_password2": ("new-password", None, "go"),
    },
    "/perfil/seguridad/dos-pasos/": {"code": ("one-time-code", None, "go")},
    "/perfil/mis-datos/eliminar/": {"password": ("current-password", None, "go")},
}


@pytest.mark.parametrize("address", FIELDS)
def test_a_keyboard_is_told_what_each_field_is_for(
    client: Client, person: CustomUser, address: str
) -> None:
    if address not in {"/registro/", "/ingresar/"}:
        client.force_login(person)

    fields = page(client.get(address)).select(
        "main input:not([type=hidden], [type=checkbox], [hidden])"
    )

    assert FIELDS[address] == {
        str(field["name"]): (field["autocomplete"], field.get("inputmode"), field["enterkeyhint"])
        for field in fields
    }
    for field in fields:
        assert not field.has_attr("pattern")
        assert field["type"] != "number"  # its wheel and its arrows change what was typed


def rules_of(field: Tag) -> list[list[str]]:
    rules: list[list[str]] = json.loads(str(field["data-rules"]))
    return rules


@pytest.mark.parametrize(("name", "rules"), [("cedula", cedulas.RULES), ("phone", phones.RULES)])
def test_the_browser_is_given_the_server_s_own_rules_and_sentences(
    client: Client, name: str, rules: Rules
) -> None:
    field = element(client.get("/registro/"), f"[name={name}]")

    assert rules_of(field) == [[rule.pattern, rule.sentence] for rule in rules.required]
    assert json.loads(str(field["data-ignored"])) == list(rules.ignored)
    missing = RegistrationForm.base_fields[name].error_messages["required"]
    assert field["data-missing"] == missing
    empty = client.post("/registro/", REGISTRATION | {name: ""})
    assert field_errors(empty) == {name: [missing]}


def test_a_new_password_s_rules_are_the_server_s(client: Client) -> None:
    first = element(client.get("/registro/"), "[name=password1]")
    weak = client.post("/registro/", REGISTRATION | {"password1": "123", "password2": "123"})

    said = [sentence for _, sentence in rules_of(first)]
    assert said == [sentence for sentence in field_errors(weak)["password1"] if sentence in said]
    second = element(client.get("/registro/"), "[name=password2]")
    different = client.post("/registro/", REGISTRATION | {"password2": "otra-clave-9"})
    assert field_errors(different) == {"password2": [second["data-different"]]}
    assert second["data-same-as"] == first["id"]


def test_pages_without_a_form_of_ours_load_no_script_for_it(
    client: Client, person: CustomUser
) -> None:
    script = "script[src$='js/forms.js'][defer]"
    assert page(client.get("/registro/")).select(script)
    assert not page(client.get("/politica/")).select(script)
    client.force_login(person)
    assert page(client.get("/perfil/editar/")).select(script)
    assert not page(client.get("/perfil/")).select(script)


def test_a_login_that_failed_keeps_all_but_the_password(client: Client) -> None:
    typed = {"username": "52.345.678", "password": "no-es-esta", "remember_me": "on"}

    response = client.post("/ingresar/", typed)

    assert response.status_code == 422
    assert value(response, "username") == "52.345.678"
    assert value(response, "password") == ""
    assert element(response, "[name=remember_me]").has_attr("checked")


@pytest.mark.parametrize(
    ("typed", "stored"), [("1.000", 1000), ("12 500", 12500), ("100.000", 100000), ("007", 7)]
)
def test_a_goal_may_have_its_thousands_apart(
    client: Client, person: CustomUser, typed: str, stored: int
) -> None:
    """Bug: "1.000" was read as 1."""
    client.force_login(person)
    sent = {"nombre_completo": "Camilo Suárez", "phone": "3001234567", "referral_goal": typed}

    assert client.post("/perfil/editar/", sent)["Location"] == "/perfil/"

    person.refresh_from_db()
    assert person.referral_goal == stored


@pytest.mark.parametrize("typed", ["1.5", "1.0000", "1,5", "5.", "٣", "1_000", "+5"])
def test_a_goal_that_could_be_two_numbers_is_neither(
    client: Client, person: CustomUser, typed: str
) -> None:
    client.force_login(person)
    sent = {"nombre_completo": "Camilo Suárez", "phone": "3001234567", "referral_goal": typed}

    response = client.post("/perfil/editar/", sent)

    assert field_errors(response) == {"referral_goal": ["Escribe la meta como un número entero."]}
    assert value(response, "referral_goal") == typed
