"""What holds for every page, the error pages, and the health check."""

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import CustomUser
from census.lookups import lifecycle
from census.models import CedulaInfo, WorkerHeartbeat
from census.states import Status
from census.worker.code_version import code_version
from tests.markup import page, text

PAGES = [
    ("", "/registro/"),
    ("", "/ingresar/"),
    ("", "/politica/"),
    ("", "/cuenta-eliminada/"),
    ("person", "/"),
    ("person", "/mi-enlace/"),
    ("person", "/perfil/"),
    ("person", "/perfil/editar/"),
    ("person", "/cambiar-clave/"),
    ("person", "/perfil/mis-datos/"),
    ("person", "/perfil/mis-datos/retirar/"),
    ("person", "/perfil/mis-datos/eliminar/"),
    ("superadmin", "/perfil/mis-datos/"),
    ("superadmin", "/perfil/mis-datos/eliminar/"),
    ("superadmin", "/autorizar/"),
    ("person", "/perfil/seguridad/"),
    ("person", "/perfil/seguridad/dos-pasos/"),
    ("person", "/no-existe/"),
    ("person", "/censo/1/"),
    ("superadmin", "/perfil/"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "address"), PAGES)
def test_every_page_keeps_the_rules_of_the_house(
    client: Client, request: pytest.FixtureRequest, name: str, address: str
) -> None:
    if name:
        client.force_login(request.getfixturevalue(name))

    soup = page(client.get(address))

    assert_rules(soup)


def assert_rules(soup: BeautifulSoup) -> None:
    assert soup.html is not None
    assert soup.html["lang"] == "es-CO"
    assert len(soup.select("h1")) == 1
    assert soup.title is not None
    assert re.fullmatch(r".+ · Censo al Día", soup.title.get_text())
    (skip,) = soup.select("a.skip-link")
    assert soup.select(f"main{skip['href']}")
    ids = [element["id"] for element in soup.select("[id]")]
    assert len(ids) == len(set(ids))
    for reference in soup.select("[aria-labelledby], [aria-describedby]"):
        for attribute in ("aria-labelledby", "aria-describedby"):
            assert set(str(reference.get(attribute, "")).split()) <= set(ids)
    for field in soup.select("input:not([type=hidden]):not([hidden])"):
        assert soup.select(f"label[for='{field.get('id')}']") or field.has_attr("aria-labelledby")
    # The content security policy forbids all of these, and nothing comes from elsewhere.
    assert not soup.select("style, [style], [onclick], [onsubmit], [onload]")
    for script in soup.select("script"):
        assert str(script.get("src", "")).startswith("/static/")
        assert not script.get_text()
    for sheet in soup.select("link[href]:not([rel=manifest])"):
        assert str(sheet["href"]).startswith("/static/")


@pytest.mark.django_db
@pytest.mark.parametrize("status", Status)
def test_every_state_of_the_card_keeps_them_too(
    client: Client, person: CustomUser, status: Status
) -> None:
    CedulaInfo.objects.filter(user=person).update(
        status=status, lease_expires_at=timezone.now(), puesto="IE", mesa="1", novedad="Cancelada"
    )
    client.force_login(person)

    assert_rules(page(client.get("/perfil/")))


@pytest.mark.django_db
def test_error_pages_are_in_spanish_and_lead_home(client: Client, person: CustomUser) -> None:
    client.force_login(person)

    missing = client.get("/no-existe/")
    refused = client.get("/censo/1/")

    assert (missing.status_code, refused.status_code) == (404, 403)
    assert "No encontramos esa página" in text(missing)
    assert "No puedes ver esta página" in text(refused)
    for response in (missing, refused):
        assert page(response).select("main a[href='/']")


def test_the_page_for_a_failure_needs_no_database_and_no_request() -> None:
    """Nothing may be asked of what has just failed; this test has no database to ask."""
    soup = BeautifulSoup(render_to_string("500.html"), "html.parser")

    assert_rules(soup)
    assert "Algo falló de nuestro lado" in soup.get_text()


class TestHealth:
    @pytest.mark.django_db
    def test_with_a_worker_it_is_well(self, client: Client) -> None:
        now = timezone.now()
        WorkerHeartbeat.objects.create(
            cluster_id="6f1c9c5a-3b7e-4d7d-9b55-2f1f7f3f8a11",
            host="host", pid=1, version=code_version(), started_at=now, beat_at=now,
        )  # fmt: skip

        response = client.get("/salud/")

        assert response.status_code == 200
        assert response.json() == {
            "database": "ok",
            "workers": 1,
            "due": 0,
            "oldest_due_seconds": 0,
            "paused_until": None,
        }
        assert "no-store" in response["Cache-Control"]
        assert client.head("/salud/").status_code == 200

    @pytest.mark.django_db
    def test_without_one_it_is_not(self, client: Client) -> None:
        response = client.get("/salud/")

        assert response.status_code == 503
        assert response.json()["workers"] == 0

    @pytest.mark.django_db
    def test_it_tells_nothing_about_anybody(self, client: Client, person: CustomUser) -> None:
        told = client.get("/salud/").content.decode()

        assert person.cedula not in told
        assert person.nombre_completo not in told

    def test_a_dead_database_is_reported_whoever_asks(
        self, client: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
    ) -> None:
        """With a session's cookie too: who it is must not be asked of a database that is gone."""

        def gone(*_: Any, **__: Any) -> None:
            raise DatabaseError("gone")

        monkeypatch.setattr(lifecycle, "due_rows", gone)
        monkeypatch.setattr(SessionStore, "load", gone)
        client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32

        response = client.get("/salud/")

        assert response.status_code == 503
        assert response.json()["database"] == "error"
