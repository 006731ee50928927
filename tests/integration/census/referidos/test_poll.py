"""Polls of a leader's page: the rows that changed since it was read, and the parts around them."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from bs4 import Tag
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import CustomUser
from census.models import CedulaInfo
from census.states import Status
from tests.markup import HasContent, element, page, words
from tests.people import HTMX, set_lookup
from tests.referidos import CLOCK, PLACE, referido, referidos, unwrapped

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
BOGOTA = timezone(timedelta(hours=-5))
ADDRESS = "/referidos/pending/"
REST = ["referidos_counts", "bulk_progress", "referidos_news", "referidos_poll", "bulk_bar"]
WRITTEN: list[Callable[[datetime], str]] = [
    lambda moment: str(moment.timestamp()),
    lambda moment: moment.isoformat(),
    lambda moment: moment.astimezone(BOGOTA).isoformat(),
    lambda moment: moment.isoformat().replace("+00:00", "Z"),
]


@pytest.fixture(autouse=True)
def _quiet(client: Client, stranger: CustomUser) -> None:
    """A leader, logged in, whose one referido was answered an hour ago."""
    client.force_login(stranger)
    CedulaInfo.objects.update(status=Status.ACTIVE, updated_at=NOW - timedelta(hours=1))


def ask(client: Client, since: datetime | str = NOW, **rest: str) -> HasContent:
    given = since if isinstance(since, str) else str(since.timestamp())
    response = client.get(ADDRESS, {"since": given, **rest}, headers=HTMX)
    assert response.status_code == 200
    return unwrapped(response)


def changed(response: HasContent) -> list[str]:
    """The ids of the rows in an answer."""
    return [str(row["id"]) for row in page(response).select(".template > tr")]


class TestSince:
    def test_nothing_has_changed(self, client: Client) -> None:
        response = client.get(ADDRESS, {"since": str(NOW.timestamp())}, headers=HTMX)

        assert (response.status_code, response.content) == (204, b"")

    @pytest.mark.parametrize("written", WRITTEN, ids=["epoch", "ISO", "Bogotá", "Z"])
    def test_later_is_a_change_and_the_same_moment_is_none(
        self, client: Client, stranger: CustomUser, written: Callable[[datetime], str]
    ) -> None:
        person = referido(stranger, "Ana Gil", Status.TIMEOUT, updated_at=NOW)
        just_before = NOW - timedelta(microseconds=1)

        assert client.get(ADDRESS, {"since": written(NOW)}).status_code == 204
        assert changed(ask(client, written(just_before))) == [f"referido_{person.pk}"]

    @pytest.mark.parametrize(
        "since",
        [
            *("", "ayer", "nan", "inf", "-1e300", "9" * 500, "2026-11-24T15:00:00"),
            *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "\0"),
        ],
    )
    def test_without_a_moment_that_makes_sense_it_tells_what_is_in_flight(
        self, client: Client, stranger: CustomUser, since: str
    ) -> None:
        old = NOW - timedelta(days=9)
        assert client.get(ADDRESS, {"since": since}).status_code == 204
        waiting = referido(stranger, "Ana Gil", Status.PENDING, updated_at=old)
        referido(stranger, "Eva Paz", Status.ERROR, updated_at=NOW)

        assert changed(ask(client, since)) == [f"referido_{waiting.pk}"]
        assert changed(unwrapped(client.get(ADDRESS))) == [f"referido_{waiting.pk}"]

    def test_the_answer_names_the_moment_to_ask_from_next(
        self, client: Client, stranger: CustomUser
    ) -> None:
        before = datetime.now(UTC)
        referido(stranger, "Ana Gil", updated_at=before)
        response = ask(client, opened="1000.5")

        fields = page(response).select("#referidos_poll input[type=hidden]")
        named = {str(field["name"]): float(str(field["value"])) for field in fields}
        assert named["opened"] == 1000.5
        assert before.timestamp() - 3 < named["since"] <= datetime.now(UTC).timestamp()

    def test_a_page_asks_from_before_it_was_read(self, client: Client) -> None:
        """A change that was dated before the page was read may be written after it."""
        before = datetime.now(UTC).timestamp()
        poll = element(client.get("/referidos/"), "#referidos_poll")
        named = {str(field["name"]): float(str(field["value"])) for field in poll.select("input")}

        assert named["since"] <= before - 1
        assert named["opened"] >= before - 0.001

    def test_others_referidos_are_nobodys_business(
        self, client: Client, leader: CustomUser
    ) -> None:
        referido(leader, "Ana Gil", updated_at=NOW + timedelta(seconds=1))

        assert client.get(ADDRESS, {"since": str(NOW.timestamp())}).status_code == 204


class TestTheAnswer:
    def test_each_row_is_a_tr_in_a_template_of_its_own(
        self, client: Client, stranger: CustomUser
    ) -> None:
        for name in ("Ana Gil", "Eva Paz"):
            referido(stranger, name, Status.ACTIVE, updated_at=NOW + timedelta(seconds=1), **PLACE)

        response = ask(client)

        templates = children(page(response))
        assert {str(part["class"]) for part in templates} == {"['template']"}
        rows = [children(template) for template in templates[:-1]]
        assert [[row.name for row in group] for group in rows] == [["tr"], ["tr"]]
        for (row,) in rows:
            assert row["hx-swap-oob"] == "true"
            assert [cell.name for cell in children(row)] == ["td", "th", *["td"] * 7]
            assert "IE LA ESPERANZA" in words(row)
        assert [part["id"] for part in children(templates[-1])] == REST
        assert all(part["hx-swap-oob"] == "true" for part in children(templates[-1]))

    def test_a_row_in_flight_says_so_and_a_settled_one_does_not(
        self, client: Client, stranger: CustomUser
    ) -> None:
        person = referido(stranger, "Ana Gil", Status.PENDING, updated_at=NOW + timedelta(1))
        flying = ask(client)
        set_lookup(person, status=Status.ACTIVE)
        settled = ask(client)

        assert element(flying, f"#referido_{person.pk}").has_attr("data-in-flight")
        assert not element(settled, f"#referido_{person.pk}").has_attr("data-in-flight")
        assert element(flying, "#referidos_poll")["hx-trigger"] == "every 5s"
        assert not element(settled, "#referidos_poll").has_attr("hx-trigger")

    def test_the_counts_and_the_tab_s_links_follow(
        self, client: Client, stranger: CustomUser
    ) -> None:
        referido(stranger, "Ana Gil", Status.ERROR, updated_at=NOW + timedelta(seconds=1))

        response = ask(client, estado="errores", q="gil")

        assert words(element(response, "#tab_errores")) == "Errores 1"
        assert element(response, "#tab_errores")["aria-current"] == "true"
        assert element(response, "#tab_todos")["href"] == "/referidos/?q=gil"

    def test_what_fails_while_one_looks_can_be_asked_for_again(
        self, client: Client, stranger: CustomUser
    ) -> None:
        assert not page(client.get("/referidos/")).select("#bulk_bar button")
        referido(stranger, "Ana Gil", Status.ERROR, updated_at=NOW + timedelta(seconds=1))

        assert page(ask(client)).select("#bulk_bar #refresh_all")

    def test_names_are_text(self, client: Client, stranger: CustomUser) -> None:
        name = "<script>alert(1)</script> " + "Ñ" * 120
        person = referido(stranger, name, updated_at=NOW + timedelta(seconds=1))

        response = ask(client)

        assert not page(response).select("script")
        row = element(response, f"#referido_{person.pk}")
        assert words(row.select("th")[0]) == name
        assert row.select("input[type=checkbox]")[0]["aria-label"] == f"Marcar a {name}"


def children(element: Tag) -> list[Tag]:
    return [child for child in element.children if isinstance(child, Tag)]


class TestNews:
    def test_who_came_since_the_page_was_opened_is_announced(
        self, client: Client, stranger: CustomUser
    ) -> None:
        later = NOW + timedelta(seconds=1)
        for name in ("Ana Gil", "Eva Paz", "Ivo Rey"):
            person = referido(stranger, name, Status.PENDING, updated_at=later)
            set_lookup(person, created_at=later)

        news = element(ask(client, opened=str(NOW.timestamp()), orden="mesa"), "#referidos_news")

        assert news["role"] == "status"
        assert words(news) == "3 nuevos: mostrar"
        assert news.select("a")[0]["href"] == "/referidos/?orden=mesa"

    def test_who_was_there_is_no_news_when_their_row_changes(
        self, client: Client, stranger: CustomUser
    ) -> None:
        person = referido(stranger, "Ana Gil", updated_at=NOW + timedelta(seconds=1))
        set_lookup(person, created_at=NOW - timedelta(seconds=1))

        assert words(element(ask(client), "#referidos_news")) == ""

    def test_who_registered_just_before_the_page_was_read_is_no_news(
        self, client: Client, stranger: CustomUser
    ) -> None:
        referido(stranger, "Ana Gil", Status.PENDING)
        shown = element(client.get("/referidos/"), "#referidos_poll").select("input")
        moments = {str(field["name"]): str(field["value"]) for field in shown}

        assert words(element(ask(client, **moments), "#referidos_news")) == ""


class TestWhatItCosts:
    def test_an_idle_poll_is_one_query_however_many_referidos(
        self,
        client: Client,
        stranger: CustomUser,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        referidos(stranger, 300, Status.PENDING)
        CedulaInfo.objects.update(updated_at=NOW)

        with django_assert_num_queries(3 + CLOCK) as asked:  # session, person, changes
            assert client.get(ADDRESS, {"since": str(NOW.timestamp())}).status_code == 204

        sql = asked.captured_queries[-1]["sql"]
        assert re.search(r"LIMIT 61\b", sql)
        assert "JOIN" not in sql

    def test_more_changes_take_no_more_queries(
        self,
        client: Client,
        stranger: CustomUser,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        referidos(stranger, 2)
        with django_assert_num_queries(8 + CLOCK):
            ask(client)
        referidos(stranger, 50)

        with django_assert_num_queries(8 + CLOCK):
            assert len(changed(ask(client))) == 52

    def test_sixty_rows_change_in_place_and_more_have_the_page_read_anew(
        self, client: Client, stranger: CustomUser
    ) -> None:
        referidos(stranger, 60)
        assert len(changed(ask(client))) == 60
        referidos(stranger, 1)

        response = client.get(ADDRESS, {"since": str(NOW.timestamp())}, headers=HTMX)

        assert response.content == b""
        assert response["HX-Trigger"] == "referidos:reload"
        table = element(client.get("/referidos/"), "#referidos")
        assert table["hx-trigger"] == "referidos:reload from:body"

    def test_a_poll_takes_no_post(self, client: Client) -> None:
        assert client.post(ADDRESS).status_code == 405


def test_a_toast_is_not_lost_with_an_answer_that_says_nothing(
    client: Client, stranger: CustomUser
) -> None:
    person = referido(stranger, "Ana Gil", Status.ACTIVE, updated_at=NOW)
    client.post(f"/refrescar-cedula/{person.pk}/")  # a plain form: its page has not been read yet

    response = client.get(ADDRESS, {"since": str(NOW.timestamp())}, headers=HTMX)

    assert response.status_code == 204
    (toast,) = json.loads(response["HX-Trigger"])["toast"]["messages"]
    assert toast["text"] == "Ya tenemos la respuesta del censo."
