"""Asking for another lookup: every outcome, with htmx and as a plain form."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from accounts.models import CustomUser
from census.models import CedulaInfo
from census.states import Status
from tests.markup import element, text, words
from tests.people import HTMX, set_lookup

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
PLACE: dict[str, object] = {"puesto": "IE LA ESPERANZA", "mesa": "7"}
FAILED: dict[str, object] = {"status": Status.TIMEOUT, "error_kind": "SiteTimeout"}
REFRESHES: list[tuple[dict[str, object], str, str]] = [
    (FAILED, "success", "Listo: volvimos a pedir tu puesto de votación."),
    (
        FAILED | {"refresh_requested_at": NOW - timedelta(seconds=18)},
        "warning",
        "Espera 12 segundos para volver a pedirlo.",
    ),
    (
        FAILED | {"refresh_requested_at": NOW - timedelta(seconds=29)},
        "warning",
        "Espera 1 segundo para volver a pedirlo.",
    ),
    (
        {"status": Status.PENDING},
        "info",
        "Ya lo estamos consultando: no hace falta pedirlo otra vez.",
    ),
    (
        {"status": Status.PROCESSING, "claim": uuid4(), "lease_expires_at": NOW},
        "info",
        "Ya lo estamos consultando: no hace falta pedirlo otra vez.",
    ),
    (PLACE | {"status": Status.ACTIVE}, "info", "Ya tenemos la respuesta del censo."),
    ({"status": Status.NOT_FOUND}, "info", "Ya tenemos la respuesta del censo."),
]


class TestRefresh:
    @pytest.fixture(autouse=True)
    def _now(self) -> Iterator[None]:
        with time_machine.travel(NOW, tick=False):
            yield

    @pytest.mark.parametrize(("fields", "level", "sentence"), REFRESHES)
    def test_htmx_gets_the_card_and_a_toast(
        self,
        client: Client,
        person: CustomUser,
        fields: dict[str, object],
        level: str,
        sentence: str,
    ) -> None:
        set_lookup(person, **fields)
        client.force_login(person)

        response = client.post("/refrescar-cedula/", headers=HTMX)

        assert response.status_code == 200
        assert element(response, "#censo_card")
        assert json.loads(response["HX-Trigger"])["toast"]["messages"] == [
            {"text": sentence, "level": level}
        ]

    @pytest.mark.parametrize(("fields", "level", "sentence"), REFRESHES)
    def test_a_plain_form_gets_the_profile_and_the_message(
        self,
        client: Client,
        person: CustomUser,
        fields: dict[str, object],
        level: str,
        sentence: str,
    ) -> None:
        set_lookup(person, **fields)
        client.force_login(person)

        response = client.post("/refrescar-cedula/", follow=True)

        assert response.redirect_chain == [("/perfil/", 302)]
        assert sentence in words(element(response, f"#toasts .toast-note--{level}"))

    def test_the_card_that_comes_back_is_the_new_one(
        self, client: Client, person: CustomUser
    ) -> None:
        set_lookup(person, **FAILED)
        client.force_login(person)

        card = element(client.post("/refrescar-cedula/", headers=HTMX), "#censo_card")

        assert "Estás en la fila" in words(card)
        assert card["hx-trigger"] == "every 5s"
        assert CedulaInfo.objects.get(user=person).status == Status.PENDING

    def test_the_form_in_the_card_works_as_it_stands(self, person: CustomUser) -> None:
        client = Client(enforce_csrf_checks=True)
        set_lookup(person, **FAILED)
        client.force_login(person)
        form = element(client.get("/perfil/"), "#censo_card form")
        token = form.select_one("[name=csrfmiddlewaretoken]")
        assert token is not None

        assert client.post(str(form["action"])).status_code == 403
        client.post(str(form["action"]), {"csrfmiddlewaretoken": token["value"]})

        assert CedulaInfo.objects.get(user=person).status == Status.PENDING

    def test_the_form_in_a_card_that_came_alone_works_too(
        self, client: Client, person: CustomUser
    ) -> None:
        set_lookup(person, **FAILED)
        client.force_login(person)

        card = client.get("/censo/", headers=HTMX)

        assert element(card, "form [name=csrfmiddlewaretoken]")["value"]

    def test_without_a_lookup_there_is_nothing_to_ask_for(
        self, client: Client, superadmin: CustomUser
    ) -> None:
        client.force_login(superadmin)

        response = client.post("/refrescar-cedula/", follow=True)

        assert "Sin la autorización" in text(response)
        assert not CedulaInfo.objects.filter(user=superadmin).exists()

    def test_it_takes_a_post(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)

        assert client.get("/refrescar-cedula/").status_code == 405
