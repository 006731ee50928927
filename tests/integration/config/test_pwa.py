"""The app's manifest, its service worker and its page without a network: the same for everybody."""

import re

import pytest
from django.test import Client

from accounts.models import CustomUser
from tests.markup import page

ADDRESSES = ("/manifest.webmanifest", "/sw.js", "/sin-conexion/")


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/sw.js", "text/javascript"),
        ("/sin-conexion/", "text/html; charset=utf-8"),
    ],
)
def test_they_ask_no_database_and_set_no_cookie(client: Client, address: str, kind: str) -> None:
    """A phone asks for them before anybody is there, and the test has no database to ask."""
    client.cookies["sessionid"] = "of-somebody"

    response = client.get(address)

    assert response.status_code == 200
    assert response["Content-Type"] == kind
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_a_new_service_worker_is_found_at_once(client: Client) -> None:
    assert client.get("/sw.js")["Cache-Control"] == "no-cache"
    assert client.get("/sin-conexion/")["Cache-Control"] == "no-cache"


@pytest.mark.django_db
def test_nothing_in_them_depends_on_who_asks(client: Client, person: CustomUser) -> None:
    nobody = [client.get(address).content for address in ADDRESSES]
    client.force_login(person)
    assert [client.get(address).content for address in ADDRESSES] == nobody


def test_the_service_worker_keeps_what_its_page_loads_and_the_page_loads_nothing_else(
    client: Client,
) -> None:
    script = client.get("/sw.js").content.decode()
    soup = page(client.get("/sin-conexion/"))
    loaded = [str(part.get("href") or part.get("src")) for part in soup.select("link, [src]")]

    listed = re.search(r"const FILES = \[PAGE, (.+)\];", script)
    assert listed
    assert sorted(listed[1].replace('"', "").split(", ")) == sorted(loaded)
    assert 'const PAGE = "/sin-conexion/";' in script


def test_its_name_changes_with_the_page_and_with_nothing_else(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version() -> str:
        found = re.search(r'"sin-conexion-(\w+)"', client.get("/sw.js").content.decode())
        assert found
        return found[1]

    first = version()
    assert version() == first
    monkeypatch.setattr("config.web.pwa.render_to_string", other_page)
    assert version() != first


def other_page(template: str, context: dict[str, object] | None = None) -> str:
    from django.template.loader import render_to_string

    text = render_to_string(template, context)
    return text.replace("No tienes conexión", "Sin internet")
