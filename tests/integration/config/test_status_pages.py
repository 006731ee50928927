"""Pages that say that something did not go: each says what, in one look, and has a way on."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import CustomUser
from config.settings import DATA_UPLOAD_MAX_MEMORY_SIZE
from tests.markup import page
from tests.people import HTMX

pytestmark = pytest.mark.django_db


def too_much(client: Client) -> Any:
    return client.post("/perfil/editar/", {"phone": "1" * DATA_UPLOAD_MAX_MEMORY_SIZE})


def forged(client: Client) -> Any:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    return strict.post("/refrescar-cedula/")


def failing(client: Client) -> Any:
    client.raise_request_exception = False
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("accounts.policy.version", lambda: 1 / 0)
        return client.get("/politica/")


WAYS: dict[str, tuple[int, Callable[[Client], Any]]] = {
    "more than is taken": (400, too_much),
    "another host": (400, lambda client: client.get("/", headers={"host": "evil.example"})),
    "another person's card": (403, lambda client: client.get("/censo/1/")),
    "a forged form": (403, forged),
    "no such page": (404, lambda client: client.get("/no-existe/")),
    "a button's address": (405, lambda client: client.get("/refrescar-cedula/")),
    "a mistake of ours": (500, failing),
}


@pytest.mark.parametrize("what", WAYS)
def test_a_refusal_has_its_status_one_heading_and_a_way_on(
    client: Client, person: CustomUser, what: str
) -> None:
    client.force_login(person)
    status, ask = WAYS[what]

    response = ask(client)

    assert response.status_code == status
    soup = page(response)
    assert len(soup.select("h1")) == 1
    assert [part.name for part in soup.select("main > .narrow > *")][:3] == ["p", "h1", "p"]
    assert soup.select_one("main > .narrow > p.error-code").get_text() == str(status)  # type: ignore[union-attr]
    assert soup.select("main a.btn[href='/']")


def test_the_page_for_a_button_is_for_whoever_looks_at_a_page(
    client: Client, person: CustomUser
) -> None:
    client.force_login(person)

    assert client.get("/refrescar-cedula/")["Allow"] == "POST"
    for empty in (client.post("/salud/"), client.get("/refrescar-cedula/", headers=HTMX)):
        assert (empty.status_code, empty.content) == (405, b"")


def test_too_many_tries_are_told_on_the_form_itself(client: Client, person: CustomUser) -> None:
    for _ in range(5):
        client.post("/ingresar/", {"username": person.cedula, "password": "no-es-esta"})

    response = client.post("/ingresar/", {"username": person.cedula, "password": "no-es-esta"})

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    soup = page(response)
    assert len(soup.select("h1")) == 1
    assert "Espera" in soup.select_one("#error_summary").get_text()  # type: ignore[union-attr]
    assert soup.select("main a[href='/registro/']")
