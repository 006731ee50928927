"""Asking again for many: for the ticked, for all that match; its progress; calling it off."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import CustomUser
from census.models import BulkRefresh, CedulaInfo
from census.states import Status
from tests.markup import element, page, text, words
from tests.people import HTMX, set_lookup, take_consent_away
from tests.referidos import referido, referidos, unwrapped

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("boss")]

REFRESH, CANCEL, CLOSE = "/bulk-refresh/", "/bulk-refresh/cancelar/", "/bulk-refresh/cerrar/"


@pytest.fixture
def boss(client: Client, stranger: CustomUser) -> CustomUser:
    """A leader, logged in, whose first referido is looked up at this moment."""
    client.force_login(stranger)
    CedulaInfo.objects.filter(referrer=stranger).update(
        status=Status.PROCESSING, lease_expires_at=timezone.now() + timedelta(minutes=1)
    )
    return stranger


def say(client: Client, address: str, **fields: Any) -> str:
    """Return the toast's text after a post by htmx."""
    response = client.post(address, fields, headers=HTMX)
    assert response.status_code == 200
    (toast,) = json.loads(response["HX-Trigger"])["toast"]["messages"]
    return f"{toast['level']}: {toast['text']}"


def waiting() -> int:
    return CedulaInfo.objects.filter(status=Status.PENDING, bulk__isnull=False).count()


class TestTicked:
    def test_they_are_queued_and_everybody_else_is_skipped_with_the_reason(
        self, client: Client, boss: CustomUser, person: CustomUser
    ) -> None:
        asked = timezone.now()
        failed = [referido(boss, "Ana Gil", status) for status in (Status.ERROR, Status.BLOCKED)]
        others = [
            referido(boss, "Eva Paz", Status.NOT_FOUND),
            referido(boss, "Ivo Rey", Status.ACTIVE),
            referido(boss, "Ona Paz", Status.PENDING),
            referido(boss, "Leo Sáenz", Status.ERROR, refresh_requested_at=asked),
            referido(boss, "Iris Mora", Status.ERROR),
            person,
        ]
        take_consent_away([others[4]])

        said = say(client, REFRESH, ids=[someone.pk for someone in (*failed, *others)])

        assert said == (
            "success: Listo: volvemos a consultar a 2 personas. Omitimos 6 (2 ya tienen respuesta,"
            " 1 ya está en camino, 1 se pidió hace un momento, 1 no tiene autorización vigente,"
            " 1 no es referido tuyo)."
        )
        assert waiting() == 2
        assert set(
            CedulaInfo.objects.filter(bulk__isnull=False).values_list("user", flat=True)
        ) == {someone.pk for someone in failed}

    def test_one_by_one_with_commas_twice_and_nonsense_between(
        self, client: Client, boss: CustomUser
    ) -> None:
        first, second, third = referidos(boss, 3)
        typed = [f"{first}, {second},,", str(third), f"0{first}", "x", "-5", "1e3", "٣", " "]

        said = say(client, REFRESH, ids=typed)

        assert said == (
            "success: Listo: volvemos a consultar a 3 personas. Omitimos 1 (1 no es referido tuyo)."
        )

    @pytest.mark.parametrize("huge", ["9" * 19, "9" * 5000, "0" * 30 + "9" * 5000, "9" * 25])
    def test_numbers_that_no_id_can_be_are_nobodys(self, client: Client, huge: str) -> None:
        assert say(client, REFRESH, ids=huge) == (
            "warning: No pedimos ninguna consulta: omitimos 1 (1 no es referido tuyo)."
        )

    @pytest.mark.parametrize("ids", [[], [""], [",", " , "]])
    def test_nobody_ticked_is_a_hint(self, client: Client, ids: list[str]) -> None:
        assert say(client, REFRESH, ids=ids) == "warning: Marca al menos a una persona."

    def test_five_thousand_in_one_field(self, client: Client, boss: CustomUser) -> None:
        ids = referidos(boss, 20)
        strangers = range(10**9, 10**9 + 4980)

        said = say(client, REFRESH, ids=",".join(map(str, (*ids, *strangers))))

        assert "consultar a 20 personas. Omitimos 4980 (4980 no son referidos tuyos)." in said

    def test_fifteen_hundred_fields(self, client: Client, boss: CustomUser) -> None:
        ids = referidos(boss, 1500)

        response = client.post(REFRESH, {"ids": ids}, follow=True)

        assert response.status_code == 200
        assert "Listo: volvemos a consultar a 1500 personas." in text(response)
        assert waiting() == 1500

    def test_more_than_a_statement_takes_are_refused_in_words(self, client: Client) -> None:
        said = say(client, REFRESH, ids=",".join(map(str, range(1, 10_002))))

        assert said.startswith("warning: Son demasiadas personas marcadas")


class TestAllThatMatch:
    @pytest.mark.parametrize(
        ("fields", "number"),
        [
            ({}, 4),
            ({"estado": "errores"}, 4),
            ({"q": "Gil"}, 2),
            ({"q": "Gil", "estado": "errores", "pagina": "7"}, 2),
            ({"estado": "encontrados"}, 0),
        ],
    )
    def test_no_ids_are_sent(
        self, client: Client, boss: CustomUser, fields: dict[str, str], number: int
    ) -> None:
        for name in ("Ana Gil", "Eva Gil", "Ivo Rey", "Ona Paz"):
            referido(boss, name)
        referido(boss, "Leo Gil", Status.ACTIVE)

        client.post(REFRESH, {"todos": "1"} | fields, headers=HTMX)

        assert waiting() == number


class TestTheAnswer:
    def test_htmx_gets_the_rows_of_its_page_and_what_is_around(
        self, client: Client, boss: CustomUser
    ) -> None:
        first, second = referidos(boss, 2)
        sent = {"ids": [first], "estado": "errores"}
        response = unwrapped(client.post(REFRESH, sent, headers=HTMX))

        rows = [str(row["id"]) for row in page(response).select(".template > tr")]
        assert sorted(rows) == sorted([f"referido_{first}", f"referido_{second}"])
        assert element(response, f"#referido_{first}").has_attr("data-in-flight")
        assert "Volviendo a consultar a 1 persona" in words(element(response, "#bulk_progress"))
        assert element(response, "#bulk_progress").has_attr("data-in-flight")
        assert element(response, "#referidos_poll")["hx-trigger"] == "every 5s"
        assert "el que falló" in words(element(response, "#refresh_all"))

    def test_a_plain_form_gets_the_same_list_again(self, client: Client, boss: CustomUser) -> None:
        ids = referidos(boss, 2)
        response = client.post(
            REFRESH, {"ids": ids, "estado": "errores", "orden": "-mesa"}, follow=True
        )

        assert response.redirect_chain == [("/referidos/?estado=errores&orden=-mesa", 302)]
        assert "volvemos a consultar a 2 personas" in words(element(response, "#toasts"))

    def test_the_form_on_the_page_works_as_it_stands(self, boss: CustomUser) -> None:
        (failed,) = referidos(boss, 1)
        client = Client(enforce_csrf_checks=True)
        client.force_login(boss)
        response = client.get("/referidos/?orden=nombre")
        fields = page(response).select("#bulk_form input[type=hidden], input[form=bulk_form]")
        sent = {str(field["name"]): str(field["value"]) for field in fields}
        action = str(element(response, "#bulk_form")["action"])

        assert client.post(action, {"ids": failed}).status_code == 403
        assert client.post(action, sent | {"ids": str(failed)})["Location"] == (
            "/referidos/?orden=nombre"
        )
        assert waiting() == 1

    def test_it_takes_a_post(self, client: Client) -> None:
        for address in (REFRESH, CANCEL, CLOSE):
            assert client.get(address).status_code == 405


class TestTheProgress:
    def test_it_is_on_every_page_of_the_leader_until_it_is_dismissed(
        self, client: Client, boss: CustomUser
    ) -> None:
        ids = referidos(boss, 4)
        client.post(REFRESH, {"ids": ids})
        set_lookup(CustomUser.objects.get(pk=ids[0]), status=Status.ACTIVE)
        set_lookup(CustomUser.objects.get(pk=ids[1]), status=Status.ERROR)
        elsewhere = Client()
        elsewhere.force_login(boss)
        shown = element(elsewhere.get("/referidos/?estado=no-encontrados"), "#bulk_progress")

        assert "1 con respuesta, 1 sin respuesta, 2 en camino. Falta más o menos" in words(shown)
        bar = shown.select("progress")[0]
        assert (bar["value"], bar["max"], bar["aria-labelledby"]) == ("2", "4", "bulk_title")

        set_lookup(CustomUser.objects.get(pk=ids[2]), status=Status.ACTIVE)
        set_lookup(CustomUser.objects.get(pk=ids[3]), status=Status.ACTIVE)
        ended = element(elsewhere.get("/referidos/"), "#bulk_progress")
        assert "Terminamos de consultar a 4 personas" in words(ended)
        assert elsewhere.post(CLOSE, {"estado": "errores"})["Location"] == (
            "/referidos/?estado=errores"
        )
        assert words(element(elsewhere.get("/referidos/"), "#bulk_progress")) == ""

    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
    def test_it_is_called_off(
        self, client: Client, boss: CustomUser, headers: dict[str, str]
    ) -> None:
        ids = referidos(boss, 3)
        client.post(REFRESH, {"ids": ids}, headers=HTMX)
        form = element(client.get("/referidos/?estado=pendientes"), "#bulk_progress form")
        kept = {str(field["name"]): str(field["value"]) for field in form.select("input")}

        response = client.post(CANCEL, kept, headers=headers, follow=True)

        shown = words(element(unwrapped(response), "#bulk_progress"))
        assert "Cancelaste el pedido de 3 personas" in shown
        assert waiting() == 0
        if not headers:
            assert response.redirect_chain == [("/referidos/?estado=pendientes", 302)]
            assert "3 consultas salieron de la fila" in words(element(response, "#toasts"))

    def test_nothing_to_call_off_is_said(self, client: Client) -> None:
        assert say(client, CANCEL) == "info: No había nada que cancelar."

    def test_a_running_one_is_not_dismissed(self, client: Client, boss: CustomUser) -> None:
        client.post(REFRESH, {"ids": referidos(boss, 1)})
        client.post(CLOSE)

        assert not BulkRefresh.objects.exclude(closed_at=None)

    def test_it_is_the_leader_s_own(
        self, client: Client, boss: CustomUser, leader: CustomUser, superadmin: CustomUser
    ) -> None:
        client.post(REFRESH, {"ids": referidos(boss, 2)})
        for other in (leader, superadmin):
            client.force_login(other)
            assert words(element(client.get("/referidos/"), "#bulk_progress")) == ""
            assert say(client, CANCEL) == "info: No había nada que cancelar."

        assert waiting() == 2
