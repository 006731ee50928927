"""The census card in each of its states, and its polling."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import CustomUser
from census.states import Status
from census.templatetags.censo import day, moment, roughly, time
from scraper.gate.captcha_budget import next_day_begins
from scraper.gate.visits import Gate
from tests.markup import element, words
from tests.people import HTMX, set_lookup

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # 10 in the morning in Bogotá
PLACE: dict[str, object] = {
    "departamento": "ANTIOQUIA",
    "municipio": "MEDELLIN",
    "puesto": "IE LA ESPERANZA",
    "direccion": "CALLE 45 # 23-12",
    "mesa": "7",
}
NOVEDAD: dict[str, object] = {
    "novedad": "Cancelada por Doble Cedulación",
    "resolucion": "1234 de 2019",
    "fecha_novedad": "12/03/2019",
}


def shown(client: Client, person: CustomUser, **fields: object) -> str:
    """The words of `person`'s card, with their lookup set to `fields`."""
    set_lookup(person, **fields)
    client.force_login(person)
    return words(element(client.get("/censo/", headers=HTMX), "#censo_card"))


STATES: list[tuple[Status, dict[str, object], tuple[str, ...]]] = [
    (Status.PENDING, {}, ("Estás en la fila", "Vas en el puesto 3 de la fila; más o menos 25 s")),
    (
        Status.PENDING,
        {
            "attempts": 1,
            "error_kind": "SiteUnavailable",
            "next_attempt_at": NOW + timedelta(minutes=5),
        },
        (
            "Vamos a intentarlo otra vez",
            "no está disponible en este momento. Lo intentamos de nuevo a las 10:05 a.m.",
        ),
    ),
    (
        Status.PROCESSING,
        {"claim": uuid4(), "lease_expires_at": NOW + timedelta(seconds=30)},
        ("Estamos consultando el censo", "más o menos 15 s"),
    ),
    (
        Status.ACTIVE,
        PLACE | {"fetched_at": NOW - timedelta(days=1)},
        (
            "Encontramos tu puesto de votación",
            "IE LA ESPERANZA",
            "CALLE 45 # 23-12",
            "MEDELLIN, ANTIOQUIA",
            "Mesa 7",
            "Ver en el mapa el puesto IE LA ESPERANZA (se abre en otra pestaña)",
            "El censo lo respondió el 23 de noviembre a las 10:00 a.m.",
        ),
    ),
    (
        Status.CANCELLED_OTHER,
        NOVEDAD | {"fetched_at": NOW},
        (
            "Tu cédula tiene una novedad",
            "Cancelada por Doble Cedulación",
            "Resolución 1234 de 2019",
            "Fecha 12/03/2019",
            "oficina de la Registraduría",
        ),
    ),
    (
        Status.CANCELLED_DECEASED,
        {"novedad": "Cancelada por Muerte", "fetched_at": NOW},
        (
            "Tu cédula aparece cancelada",
            "Si la cédula es tuya, se trata de un error",
            "Cancelada por Muerte",
        ),
    ),
    (
        Status.NOT_FOUND,
        {"fetched_at": NOW},
        ("Tu cédula no está en el censo electoral", "inscribe tu cédula en la Registraduría"),
    ),
    (
        Status.ERROR,
        {"error_kind": "UnknownPage"},
        ("No pudimos consultar el censo", "respondió algo que no reconocemos.", "Reintentar"),
    ),
    (Status.TIMEOUT, {"error_kind": "SiteTimeout"}, ("tardó demasiado", "Reintentar")),
    (Status.BLOCKED, {"error_kind": "SiteBlocked"}, ("no nos dejó entrar", "Reintentar")),
]


@pytest.fixture
def _at_ten() -> Iterator[None]:
    """The clock stands at NOW; asked for before any person, so that nobody registers later."""
    with time_machine.travel(NOW, tick=False):
        yield


def test_no_state_is_left_out() -> None:
    assert {status for status, *_ in STATES} == set(Status)


class TestStates:
    @pytest.mark.usefixtures("_at_ten")
    @pytest.mark.parametrize(("status", "fields", "sentences"), STATES)
    def test_the_card_says_what_is_known_and_what_to_do(
        self,
        client: Client,
        person: CustomUser,
        settings: Settings,
        status: Status,
        fields: dict[str, object],
        sentences: tuple[str, ...],
    ) -> None:
        settings.LOOKUP_INTERVAL_SECONDS = 5

        card = shown(client, person, status=status, **fields)

        for sentence in sentences:
            assert sentence in card

    @pytest.mark.usefixtures("_at_ten")
    @pytest.mark.parametrize(("status", "fields"), [state[:2] for state in STATES])
    def test_it_asks_again_only_while_an_answer_is_on_its_way(
        self,
        client: Client,
        person: CustomUser,
        status: Status,
        fields: dict[str, object],
    ) -> None:
        shown(client, person, status=status, **fields)

        card = element(client.get("/perfil/"), "#censo_card")

        if status in {Status.PENDING, Status.PROCESSING}:
            assert (card["hx-get"], card["hx-trigger"]) == ("/censo/", "every 5s")
            assert card.select("a[href='/censo/']"), "without JavaScript there must be a link"
        else:
            assert not card.has_attr("hx-get")
            assert not card.has_attr("hx-trigger")

    @pytest.mark.parametrize(("status", "fields"), [state[:2] for state in STATES])
    def test_only_its_headline_is_announced(
        self,
        client: Client,
        person: CustomUser,
        status: Status,
        fields: dict[str, object],
    ) -> None:
        set_lookup(person, status=status, **fields)
        client.force_login(person)

        headline = words(element(client.get("/censo/", headers=HTMX), "[data-announce]"))

        assert headline
        assert not any(sign.isdigit() for sign in headline), "numbers change at every poll"

    def test_a_pause_says_until_when(self, client: Client, person: CustomUser) -> None:
        with time_machine.travel(NOW, tick=False):
            until = Gate(5).record_block(1, [1800.0])
        assert until is not None

        with time_machine.travel(until - timedelta(minutes=10), tick=False):
            card = shown(client, person)
            assert f"Seguimos {moment(until)} No pierdes tu lugar." in card
            assert "Las consultas están en pausa" in card
            assert "puesto" not in card, "nobody moves up in the queue now"

    def test_a_pause_that_somebody_wanted_says_so(self, client: Client, person: CustomUser) -> None:
        Gate(5).pause(None)
        card = shown(client, person)
        assert (
            "Quien administra esta página pausó las consultas. Seguimos cuando las reanude." in card
        )
        assert "No pierdes tu lugar." in card
        assert "9999" not in card

        until = Gate(5).pause(600)
        card = shown(client, person)
        assert f"pausó las consultas. Seguimos {moment(until)} No pierdes tu lugar." in card

    def test_a_day_whose_captchas_are_bought_is_told_in_plain_words(
        self, client: Client, person: CustomUser
    ) -> None:
        midnight = next_day_begins(timezone.localdate())
        Gate(5).record_spent_budget(midnight)

        card = shown(client, person)

        assert "Hoy ya se hicieron todas las consultas que se podían hacer en un día." in card
        assert f"Seguimos {moment(midnight)} No pierdes tu lugar." in card

    def test_whoever_gave_no_consent_is_told_that_nothing_is_looked_up(
        self, client: Client, superadmin: CustomUser
    ) -> None:
        client.force_login(superadmin)

        card = element(client.get("/perfil/"), "#censo_card")

        assert "Esta cuenta no se consulta" in words(card)
        assert not card.has_attr("hx-get")

    def test_the_map_opens_apart_and_learns_nothing_of_this_page(
        self, client: Client, person: CustomUser
    ) -> None:
        set_lookup(person, status=Status.ACTIVE, **PLACE)
        client.force_login(person)

        link = element(client.get("/perfil/"), "#censo_map")

        assert str(link["href"]).startswith("https://")
        assert link["rel"] == ["noopener", "noreferrer"]

    def test_what_the_census_wrote_is_shown_as_text(
        self, client: Client, person: CustomUser
    ) -> None:
        fields = PLACE | {"puesto": "<b onclick=x>IE</b>"}
        set_lookup(person, status=Status.ACTIVE, **fields)
        client.force_login(person)

        assert b"<b onclick" not in client.get("/censo/", headers=HTMX).content

    def test_an_answer_with_gaps_is_shown_without_them(
        self, client: Client, person: CustomUser
    ) -> None:
        card = shown(client, person, status=Status.ACTIVE, municipio="CALI")

        assert "Puesto sin nombre en el censo" in card
        assert "Mesa —" in card
        assert "Dirección" not in card


class TestPolling:
    def test_without_htmx_one_lands_on_the_profile(
        self, client: Client, person: CustomUser
    ) -> None:
        client.force_login(person)

        response = client.get("/censo/")

        assert response["Location"] == "/perfil/"
        assert "HX-Request" in response["Vary"]

    def test_alone_it_is_a_card_and_no_page(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)

        response = client.get("/censo/", headers=HTMX)

        assert response.content.strip().startswith(b'<section id="censo_card"')
        assert b"<html" not in response.content

    def test_a_page_of_the_history_is_fetched_whole(
        self, client: Client, person: CustomUser
    ) -> None:
        client.force_login(person)
        headers = HTMX | {"HX-History-Restore-Request": "true"}

        assert client.get("/censo/", headers=headers)["Location"] == "/perfil/"

    @pytest.mark.parametrize(
        ("fields", "at_most"),
        [
            ({"status": Status.PENDING}, 8),
            (PLACE | {"status": Status.ACTIVE}, 3),
        ],
    )
    def test_it_is_cheap(
        self,
        client: Client,
        person: CustomUser,
        django_assert_max_num_queries: DjangoAssertNumQueries,
        fields: dict[str, object],
        at_most: int,
    ) -> None:
        set_lookup(person, **fields)
        client.force_login(person)
        client.get("/censo/", headers=HTMX)

        with django_assert_max_num_queries(at_most):
            client.get("/censo/", headers=HTMX)


@pytest.mark.parametrize(
    ("seconds", "words_"),
    [
        (0, "5 s"),
        (7, "5 s"),
        (8, "10 s"),
        (57, "55 s"),
        (58, "1 min"),
        (64, "1 min"),
        (86, "1 min 30 s"),
        (185, "3 min"),
        (460, "7 min 30 s"),
        (1000, "17 min"),
        (3599, "1 h"),
        (4300, "1 h 10 min"),
        (4 * 3600 + 1000, "4 h 30 min"),
        (50_000, "14 h"),
    ],
)
def test_times_are_rounded_to_what_is_worth_saying(seconds: int, words_: str) -> None:
    assert roughly(seconds) == words_


def test_rounding_is_off_by_a_tenth_at_the_most_or_by_what_nobody_counts() -> None:
    units = {"h": 3600, "min": 60, "s": 1}
    for seconds in range(100_000):
        said = re.findall(r"(\d+) (\w+)", roughly(seconds))
        rounded = sum(int(number) * units[unit] for number, unit in said)
        assert abs(rounded - seconds) <= max(seconds / 10, 5)


@time_machine.travel(NOW, tick=False)
def test_a_time_element_has_the_moment_for_machines_too() -> None:
    attribute = "2026-11-24T10:00:00-05:00"
    assert time(NOW) == f'<time datetime="{attribute}">a las 10:00 a.m.</time>'
    assert day(NOW) == f'<time datetime="{attribute}">24 de noviembre de 2026</time>'


@time_machine.travel(NOW, tick=False)
def test_moments_are_those_of_bogota() -> None:
    assert moment(NOW + timedelta(hours=3, minutes=5)) == "a la 1:05 p.m."
    assert moment(NOW + timedelta(hours=14)) == "el 25 de noviembre a las 12:00 a.m."
    assert moment(NOW - timedelta(days=365)) == "el 24 de noviembre de 2025 a las 10:00 a.m."
    assert timezone.localtime(NOW).hour == 10
