"""Asking again for one of the table: the row is the answer there, the card on a profile."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import CustomUser
from census.models import CedulaInfo
from census.states import Status
from tests.markup import element, page, words
from tests.people import HTMX
from tests.referidos import referido, row_of, unwrapped

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client: Client, stranger: CustomUser) -> CustomUser:
    """A leader, logged in, whose first referido waits."""
    client.force_login(stranger)
    return stranger


def test_asked_from_the_table_it_is_the_row(client: Client, boss: CustomUser) -> None:
    person = referido(boss, "Ana Gil")
    button = row_of(client.get("/referidos/"), person).select_one("button[hx-post]")
    assert button is not None
    from_the_table = HTMX | {"HX-Target": f"referido_{person.pk}"}

    response = client.post(str(button["hx-post"]), {"q": "gil"}, headers=from_the_table)

    row = page(response).find(recursive=False)
    assert row is not None
    assert (row.name, row["id"]) == ("tr", f"referido_{person.pk}")
    assert not row.has_attr("hx-swap-oob")
    assert row.has_attr("data-in-flight")
    assert not row.select("input, button[hx-post]")
    around = unwrapped(response)
    assert words(element(around, ".template #tab_pendientes")) == "Pendientes 2"
    assert element(around, ".template #referidos_poll")["hx-trigger"] == "every 5s"


def test_asked_from_the_profile_it_is_the_card(client: Client, boss: CustomUser) -> None:
    person = referido(boss, "Ana Gil")

    response = client.post(
        f"/refrescar-cedula/{person.pk}/", headers=HTMX | {"HX-Target": "censo_card"}
    )

    assert response.content.strip().startswith(b'<section id="censo_card"')


def test_too_soon_the_row_stays_and_a_toast_counts_the_seconds(
    client: Client, boss: CustomUser
) -> None:
    asked = timezone.now() - timedelta(seconds=10)
    person = referido(boss, "Ana Gil", refresh_requested_at=asked)

    response = client.post(
        f"/refrescar-cedula/{person.pk}/",
        headers=HTMX | {"HX-Target": f"referido_{person.pk}"},
    )

    assert row_of(response, person).select("button[hx-post]")
    # A second may pass between the two.
    assert re.search("Espera (19|20) segundos para volver a pedirlo.", response["HX-Trigger"])


def test_without_htmx_it_returns_to_the_list(client: Client, boss: CustomUser) -> None:
    person = referido(boss, "Ana Gil")
    response = client.get("/referidos/?estado=errores")
    button = row_of(response, person).select_one("button[formaction]")
    assert button is not None
    sent = {"next": str(element(response, "#bulk_form [name=next]")["value"])}

    assert client.post(str(button["formaction"]), sent)["Location"] == (
        "/referidos/?estado=errores"
    )
    assert CedulaInfo.objects.get(user=person).status == Status.PENDING


def test_a_superadmin_s_own_table_has_no_such_row(
    client: Client, boss: CustomUser, superadmin: CustomUser
) -> None:
    person = referido(boss, "Ana Gil")
    client.force_login(superadmin)

    response = client.post(
        f"/refrescar-cedula/{person.pk}/",
        headers=HTMX | {"HX-Target": f"referido_{person.pk}"},
    )

    assert response.status_code == 204
    assert "volvimos a pedir" in response["HX-Trigger"]
