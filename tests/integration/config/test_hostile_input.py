"""Every route is sent what nobody should send: no answer fails, and none repeats it as it is."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import policy
from accounts.models import CustomUser
from census.states import Status
from tests import hostile, routes
from tests.people import HTMX, new_person, set_lookup

IN_ADDRESSES = (
    *("next", "ref", "q", "estado", "departamento", "municipio", "puesto", "mesa", "orden"),
    *("pagina", "since", "opened", "formato", "_popup", "_to_field", "e", "o", "p", "all"),
)
"""Query parameters of our pages and of the administration."""
BESIDE_FORMS = ("ids", "todos", "since", "opened", "next", "action", "_selected_action", "index")
"""Fields that a script sends beside those that a page shows."""
LONGEST = 1_000
"""Characters of one value in an address: gunicorn refuses request lines above 4,094 bytes."""
ADMINISTRATION_ROUNDS = 3
"""Its forms are Django's: each gets some of the values, in turn, and ours get all."""

Viewer = tuple[CustomUser | None, list[str]]
"""(who asks, None without an account; the addresses they ask for)."""


@pytest.fixture(params=["nobody", "person", "leader", "superadmin"])
def viewer(request: pytest.FixtureRequest, leader: CustomUser, person: CustomUser) -> Viewer:
    """Everybody with our own routes, and the superadmin with the administration's."""
    ours, administration = split_addresses(person)
    match request.param:
        case "nobody":
            return None, ours
        case "superadmin":
            return request.getfixturevalue("superadmin"), administration
        case _:
            return request.getfixturevalue(request.param), ours


def split_addresses(person: CustomUser) -> tuple[list[str], list[str]]:
    """Ours and the administration's, with ids of `person` and of nobody in them."""
    values: routes.Values = {
        "user_id": [str(person.pk), "0"],
        "session_id": ["1"],
        "object_id": [str(person.pk)],
        "id": [str(person.pk)],
        "sha256": [policy.text_sha256(), "0"],
        "content_type_id": ["1"],
        "app_label": ["accounts"],
        "url": ["nada<script>"],
    }
    # /salud/ answers 503 where no worker lives, as here: that is no failure of it.
    paths = [path for path in routes.addresses(values) if path != "/salud/"]
    ours = [path for path in paths if "/admin/" not in path]
    return ours, [path for path in paths if "/admin/" in path]


@contextmanager
def nothing_stays() -> Iterator[None]:
    """Each request meets the same database, even after one that deletes an account."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def client_of(person: CustomUser | None) -> Client:
    client = Client(raise_request_exception=False)
    if person:
        client.force_login(person)
    return client


def fields_of(client: Client, path: str) -> list[str]:
    """The names of the fields of the forms on a page, if it is one, and what may come with them."""
    answer = client.get(path)
    names = set(BESIDE_FORMS)
    if answer.status_code == 200 and "html" in answer.headers.get("Content-Type", ""):
        page = BeautifulSoup(answer.content.decode(), "html.parser")
        names |= {str(field["name"]) for field in page.select("form [name]")}
    return sorted(names - {"csrfmiddlewaretoken"})


def send(client: Client, method: str, path: str, sent: Mapping[str, Any], **headers: str) -> None:
    where = f"{method} {path} {str(sent)[:100]}"
    with nothing_stays():
        ask = client.post if method == "POST" else client.get
        hostile.assert_harmless(ask(path, sent, headers=headers), where)


def rounds(path: str, number: int, names: Sequence[str]) -> Iterator[dict[str, str]]:
    """Another value in each field; over the rounds of a route of ours, each field gets each."""
    values = list(hostile.VALUES.values())
    turns = ADMINISTRATION_ROUNDS if "/admin/" in path else len(values)
    for turn in range(turns):
        first = number * turns + turn
        yield {name: values[(first + n) % len(values)] for n, name in enumerate(names)}


def test_no_form_fails_at_hostile_values_or_repeats_them_as_markup(viewer: Viewer) -> None:
    person, paths = viewer
    client = client_of(person)
    for number, path in enumerate(paths):
        for sent in rounds(path, number, fields_of(client, path)):
            send(client, "POST", path, sent)


def test_no_form_fails_without_its_fields_or_with_each_of_them_twice(viewer: Viewer) -> None:
    person, paths = viewer
    client = client_of(person)
    for path in paths:
        send(client, "POST", path, {})
        names = fields_of(client, path)
        send(client, "POST", path, {name: ["1", "<b>2</b>"] for name in names})


def test_no_address_fails_at_hostile_parameters_or_repeats_them_as_markup(viewer: Viewer) -> None:
    person, paths = viewer
    client = client_of(person)
    for number, path in enumerate(paths):
        for sent in rounds(path, number, IN_ADDRESSES):
            send(client, "GET", path, {name: value[:LONGEST] for name, value in sent.items()})


@pytest.mark.parametrize(
    "headers",
    [
        {**HTMX, "HX-Current-URL": "https://evil.example/x", "HX-Target": "<b>"},
        {**HTMX, "HX-Current-URL": "\x00::not an address[", "HX-Trigger": "\u202e"},
        {"Referer": "https://evil.example/", "X-Forwarded-For": "<script>, , 999.1.1.1"},
        {"User-Agent": "<script>" * 500, "Accept-Language": "x" * 5000},
        {"Cookie": "sessionid=' OR 1=1 --; csrftoken=<b>; messages=[[[["},
    ],
)
def test_no_route_fails_at_hostile_headers(viewer: Viewer, headers: dict[str, str]) -> None:
    person, paths = viewer
    client = client_of(person)
    for path in paths:
        send(client, "GET", path, {}, **headers)
        send(client, "POST", path, {"ids": "1"}, **headers)


def test_what_the_census_answers_is_shown_as_text_however_hostile(
    leader: CustomUser, person: CustomUser, superadmin: CustomUser
) -> None:
    value = f"{hostile.VALUES['attribute']}>{hostile.VALUES['template']}\u202e"
    places = dict.fromkeys(("departamento", "municipio", "puesto", "direccion"), value[:100])
    set_lookup(person, status=Status.ACTIVE, **places, mesa=hostile.VALUES["script"][:20])
    cancelled = new_person("Jairo Andrés Peña Gil", referred_by=leader)
    marks = dict.fromkeys(("novedad", "resolucion", "fecha_novedad"), hostile.VALUES["script"][:50])
    set_lookup(cancelled, status=Status.CANCELLED_OTHER, **marks)
    failed = new_person(value[:100], referred_by=leader)
    set_lookup(failed, status=Status.ERROR, error_message=value, raw_response=value)
    for viewer in (leader, person, superadmin):
        client = client_of(viewer)
        for subject in (person, cancelled, failed):
            ours, administration = split_addresses(subject)
            for path in administration if viewer is superadmin else ours:
                send(client, "GET", path, {})
                if viewer is not superadmin:
                    send(client, "GET", path, {}, **HTMX)


@given(
    sent=st.dictionaries(
        st.sampled_from(
            [
                *("cedula", "nombre_completo", "phone", "password1", "password2"),
                *("data_policy_accepted", "username", "password", "remember_me", "referral_goal"),
                *("old_password", "new_password1", "new_password2", "ids", "todos", "q", "orden"),
            ]
        ),
        st.one_of(st.sampled_from([*hostile.VALUES.values()]), st.text(max_size=200)),
        max_size=8,
    ),
    path=st.sampled_from(
        [
            *("/registro/", "/ingresar/", "/cambiar-clave/", "/perfil/editar/", "/bulk-refresh/"),
            *("/refrescar-cedula/", "/referidos/", "/referidos/pending/"),
        ]
    ),
    method=st.sampled_from(["GET", "POST"]),
    logged_in=st.booleans(),
)
@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_mixture_of_fields_makes_a_form_fail(
    leader: CustomUser, *, sent: dict[str, str], path: str, method: str, logged_in: bool
) -> None:
    send(client_of(leader if logged_in else None), method, path, sent)
