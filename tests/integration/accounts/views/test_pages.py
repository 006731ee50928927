"""Promises of every page, the error pages, and the health check."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from pytest_django import Settings

from accounts import policy
from accounts.models import CustomUser
from census.lookups import lifecycle
from census.models import CedulaInfo, WorkerHeartbeat
from census.states import Status
from census.worker.code_version import code_version
from tests import routes
from tests.markup import page, text
from tests.screens import SCREENS

NO_SCREEN = {"/sin-conexion/", "/perfil/mis-datos/textos/<sha256>/"}
"""Pages without a picture: one is tests/e2e/test_offline.py's, the other shows the policy again."""
NO_LINK = {"/autorizar/", "/cuenta-eliminada/", "/sin-conexion/", "/referido/<user_id>/"}
"""Pages to which a redirect or a script leads."""


def route_of(path: str) -> str:
    return "/" + re.sub(r"<\w+:", "<", resolve(path).route)


def walk(client: Client, person: CustomUser) -> dict[str, Any]:
    """{path: answer} of every route of ours that answers with a whole page."""
    values = {
        "user_id": [str(person.pk)],
        "session_id": ["1"],
        "sha256": [policy.text_sha256()],
        **{name: ["1"] for name in ("object_id", "id", "content_type_id", "app_label", "url")},
    }
    answers = {
        path: client.get(path)
        for path in routes.addresses(values)
        if not path.startswith(f"/{settings.ADMIN_PATH}")
    }
    return {
        path: answer
        for path, answer in answers.items()
        if answer.status_code == 200
        and answer.headers["Content-Type"].startswith("text/html")
        and answer.content.lstrip().lower().startswith(b"<!doctype")
    }


@pytest.fixture(params=["nobody", "person", "leader", "superadmin"])
def walked(request: pytest.FixtureRequest, client: Client, person: CustomUser) -> dict[str, Any]:
    if request.param != "nobody":
        client.force_login(request.getfixturevalue(request.param))
    return walk(client, person)


@pytest.mark.django_db
def test_every_page_keeps_the_rules_of_the_house(walked: dict[str, Any]) -> None:
    assert len(walked) >= 5
    for path, answer in walked.items():
        if path != "/sin-conexion/":  # shown without the server, so without a menu to skip
            assert_rules(page(answer))


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/no-existe/", "/censo/1/"])
def test_refusals_keep_them_too(client: Client, person: CustomUser, address: str) -> None:
    client.force_login(person)

    assert_rules(page(client.get(address)))


@pytest.mark.django_db
def test_no_page_of_a_person_is_kept_by_the_browser(walked: dict[str, Any]) -> None:
    kept = {
        path
        for path, answer in walked.items()
        if getattr(resolve(path).func, "login_required", True)
        and "no-store" not in answer.headers.get("Cache-Control", "")
    }
    assert kept == set()


@pytest.mark.django_db
def test_every_page_is_among_the_screens_and_linked_to(
    person: CustomUser, leader: CustomUser, superadmin: CustomUser
) -> None:
    pages, linked = set(), set()
    for viewer in (None, person, leader, superadmin):
        client = Client()
        if viewer:
            client.force_login(viewer)
        for path, answer in walk(client, person).items():
            pages.add(route_of(path))
            for link in page(answer).select("a[href^='/']"):
                linked.add(urlsplit(str(link["href"])).path)
    shown = {urlsplit(screen.path.format(found=1, code="")).path for screen in SCREENS}

    assert pages - NO_SCREEN == {route_of(path) for path in shown if is_page(path)}
    assert pages - NO_LINK <= {route_of(path) for path in linked}


def is_page(path: str) -> bool:
    return path != "/nada/" and not path.startswith(f"/{settings.ADMIN_PATH}")


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
        named = field.has_attr("aria-labelledby") or field.has_attr("aria-label")
        assert named or soup.select(f"label[for='{field.get('id')}']")
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
