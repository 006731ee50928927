"""The operations page, with rows that were made for it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import CustomUser
from census.models import CedulaInfo
from census.operation import state
from census.states import Status
from census.worker.code_version import code_version
from scraper.gate.captcha_budget import next_day_begins
from scraper.gate.visits import Gate, Slot
from scraper.models import CaptchaAccount, CaptchaDay, SiteGate
from tests.lookups import claimed, new_lookup
from tests.markup import element, page, text, words
from tests.operations import beat, ended
from tests.people import HTMX

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_day")]

PAGE = "/admin/operacion/"
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def inside(client: Client, superadmin: CustomUser) -> Client:
    """A superadmin's browser."""
    client.force_login(superadmin)
    return client


def waiting(number: int = 1, **fields: Any) -> list[CedulaInfo]:
    first = 53_000_000 + CedulaInfo.objects.count() * 10
    return [new_lookup(str(first + i), **fields) for i in range(number)]


def tile(client: Client, section: str, name: str) -> str:
    """Return the value beside a name in a section of the page."""
    soup = page(client.get(PAGE))
    block = soup.select_one(f"section[aria-labelledby={section}]")
    assert block is not None
    (found,) = [term for term in block.select("dt") if words(term) == name]
    assert found.parent is not None
    return words(found.parent).removeprefix(name).strip()


def table(client: Client, section: str) -> list[list[str]]:
    rows = page(client.get(PAGE)).select(f"section[aria-labelledby={section}] tbody tr")
    return [[words(cell) for cell in row.select("th, td")] for row in rows]


# --- What waits and what is in flight -----------------------------------------------------------


def test_what_waits_is_told_by_what_it_waits_for(inside: Client) -> None:
    now = timezone.now()
    waiting(2, next_attempt_at=now - 5 * MINUTE)
    waiting(1)
    waiting(4, next_attempt_at=now + HOUR, attempts=1)
    waiting(3)
    CustomUser.objects.filter(cedula_info__in=CedulaInfo.objects.order_by("-pk")[:2]).update(
        consent_version="an older one"
    )
    CustomUser.objects.filter(pk=CedulaInfo.objects.order_by("pk")[2].user_id).update(
        is_active=False
    )
    waiting(1, status=Status.ACTIVE)
    waiting(1, status=Status.PROCESSING, lease_expires_at=now + HOUR)

    assert tile(inside, "op_espera", "En la fila") == "3 la más antigua, desde hace 5 min"
    assert tile(inside, "op_espera", "Esperan otro intento").startswith("4 ")
    assert tile(inside, "op_espera", "Esperan a la persona").startswith("3 ")
    assert tile(inside, "op_espera", "En consulta").startswith("1 ")


def test_what_is_in_flight_is_told_with_where_since_when_and_a_masked_cedula(
    inside: Client,
) -> None:
    info = new_lookup("1020304055")
    claimed(info, "censo-1/ab12cd34-4026531836/4242/177")
    other = new_lookup("1020304066")
    claimed(other)
    CedulaInfo.objects.filter(pk=other.pk).update(claim=None)  # it was taken back

    ((cedula, since, attempt, worker),) = table(inside, "op_vuelos")

    assert cedula == "••••055"
    assert since.endswith(" s")
    assert (attempt, worker) == ("1", "censo-1:4242")
    assert "1020304055" not in text(inside.get(PAGE))
    link = element(inside.get(PAGE), f"#op_vuelo_{info.pk}")
    assert inside.get(str(link["href"])).status_code == 200


def test_more_than_a_page_of_flights_is_told_by_its_number(
    inside: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "MOST_ROWS", 2)
    monkeypatch.setattr("census.operation.tables.MOST_ROWS", 2)
    for info in waiting(5):
        claimed(info)

    assert len(table(inside, "op_vuelos")) == 2
    assert "Y 3 más." in text(inside.get(PAGE))


# --- How attempts ended -------------------------------------------------------------------------


def test_answers_failures_and_seconds_are_told_in_words_and_in_a_table(inside: Client) -> None:
    info = new_lookup()
    for minutes, outcome in ((2, "ACTIVE"), (3, "SiteTimeout"), (33, "NOT_FOUND"), (300, "ACTIVE")):
        ended(info, outcome, minutes * MINUTE, seconds=30)
    ended(info, "SiteTimeout", 200 * MINUTE)
    ended(info, "UnknownPage", 200 * MINUTE)

    assert tile(inside, "op_hora", "Con respuesta") == "2"
    assert tile(inside, "op_hora", "Fallidas") == "1"
    assert tile(inside, "op_hora", "Tiempo mediano") == "30,0 s"
    assert tile(inside, "op_dia", "Con respuesta") == "3"
    assert tile(inside, "op_dia", "Fallidas") == "3"
    hour, day = table(inside, "op_hora"), table(inside, "op_dia")
    assert (len(hour), len(day)) == (12, 24)
    assert hour[-1][1:] == ["1", "1", "30,0 s"]
    assert sum(int(row[1]) for row in day) == 3
    assert [row[0].split()[0] for row in table(inside, "op_fallos")] == [
        "SiteTimeout",
        "UnknownPage",
    ]
    assert [row[1:3] for row in table(inside, "op_fallos")] == [["1", "2"], ["0", "1"]]


def test_a_chart_draws_each_number_of_its_table_and_says_where_they_are(inside: Client) -> None:
    info = new_lookup()
    ended(info, "ACTIVE", 2 * MINUTE)
    ended(info, "SiteTimeout", 2 * MINUTE)

    ends, speed = page(inside.get(PAGE)).select("section[aria-labelledby=op_hora] svg")

    assert len(ends.select("rect.op-answered")) == len(ends.select("rect.op-failed")) == 12
    last = ends.select("rect")[-2:]
    assert [bar["height"] for bar in last] == ["16.0", "16.0"]
    assert [bar["y"] for bar in last] == ["16.0", "0.0"]
    for chart in (ends, speed):
        assert chart["role"] == "img"
        assert "tabla" in str(chart["aria-label"])
        assert not chart.find_all(style=True)


# --- Captchas, workers, gate --------------------------------------------------------------------


def test_what_captchas_cost_is_told(inside: Client, settings: Settings) -> None:
    settings.CAPTCHA_SOLVER, settings.CAPTCHA_DAILY_LIMIT = "2captcha", 1500
    info = new_lookup()
    ended(info, "ACTIVE", 2 * MINUTE, solves_paid=1)
    ended(info, "CaptchaRejected", 5 * HOUR, solves_paid=2)
    now = timezone.now()
    CaptchaDay.objects.create(day=timezone.localdate(), taken=1203, bought=1200)
    CaptchaDay.objects.create(day=timezone.localdate() - timedelta(days=1), taken=9, bought=9)
    CaptchaAccount.objects.create(pk=1, balance=3.456, answered_at=now - 4 * MINUTE)

    assert tile(inside, "op_captchas", "Última hora") == "1"
    assert tile(inside, "op_captchas", "Últimas 24 horas") == "3"
    assert tile(inside, "op_captchas", "Hoy") == "1.200 el tope cuenta 1.203 de 1.500"
    assert tile(inside, "op_captchas", "Saldo") == "US$ 3,46 hace 4 min"


def test_a_balance_that_could_not_be_asked_says_why(inside: Client, settings: Settings) -> None:
    settings.CAPTCHA_SOLVER = "2captcha"
    assert tile(inside, "op_captchas", "Saldo") == "— todavía no se ha preguntado"

    CaptchaAccount.objects.create(pk=1, problem="The captcha service: HTTP 502.")
    assert tile(inside, "op_captchas", "Saldo") == "— The captcha service: HTTP 502."


def test_a_limit_that_is_reached_is_told(inside: Client, settings: Settings) -> None:
    settings.CAPTCHA_DAILY_LIMIT = 3
    CaptchaDay.objects.create(day=timezone.localdate(), taken=3, bought=3)
    Gate(5).record_spent_budget(next_day_begins(timezone.localdate()))

    assert tile(inside, "op_captchas", "Hoy") == "3 tope alcanzado: 3 de 3"
    notice = words(element(inside.get(PAGE), ".op-notices .warning"))
    assert notice.startswith("En pausa: se alcanzó el tope diario de captchas")


def test_workers_are_told_apart_by_life_and_code(inside: Client) -> None:
    beat(2 * SECOND, host="uno", pid=11)
    beat(4 * SECOND, host="dos", pid=22, version="old")
    beat(10 * MINUTE, host="tres", pid=33)

    rows = table(inside, "op_procesos")

    assert [row[0] for row in rows] == ["uno:11", "dos:22", "tres:33"]
    assert [row[1] for row in rows] == ["vivo", "vivo", "sin señal"]
    assert [row[2].split()[0] for row in rows] == ["el", "otro", "el"]
    assert rows[2][3] == "hace 10 min"
    assert "1 proceso vivo tiene otro código" in text(inside.get(PAGE))
    assert "Ningún proceso" not in text(inside.get(PAGE))


def test_the_version_and_the_code_of_the_site_are_named(inside: Client, settings: Settings) -> None:
    settings.VERSION = "7.8.9"
    workers = element(inside.get(PAGE), "section[aria-labelledby=op_procesos]")
    assert f"Este sitio corre la versión 7.8.9, con el código {code_version()}" in words(workers)


def test_no_living_worker_is_an_error(inside: Client) -> None:
    beat(10 * MINUTE)

    assert "Ningún proceso de consulta está vivo" in words(
        element(inside.get(PAGE), ".op-notices .error")
    )


def test_the_gate_is_told(inside: Client) -> None:
    gate = Gate(5)
    slot = gate.reserve()
    assert isinstance(slot, Slot)
    SiteGate.objects.update(consecutive_blocks=2)

    assert tile(inside, "op_puerta", "Estado") == "Abierta"
    assert tile(inside, "op_puerta", "Reservada por").startswith(str(slot.holder)[:8])
    assert tile(inside, "op_puerta", "Bloqueos seguidos") == "2"
    gate.visited(slot, 0)
    assert tile(inside, "op_puerta", "Reservada por") == "nadie"
    assert tile(inside, "op_puerta", "Próxima visita").startswith("en ")


def test_the_share_of_visits_leaves_out_what_visited_nobody(
    inside: Client, settings: Settings
) -> None:
    settings.LOOKUP_INTERVAL_SECONDS = 360
    info = new_lookup()
    for outcome in ("ACTIVE", "SiteTimeout", "HandedBack"):
        ended(info, outcome, 2 * MINUTE)

    assert tile(inside, "op_puerta", "Visitas de la última hora").startswith("20 %")


# --- The page -----------------------------------------------------------------------------------


def test_the_number_of_queries_does_not_grow(inside: Client) -> None:
    inside.get(PAGE)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            inside.get(PAGE)
        return len(captured)

    beat(SECOND)
    Gate(5).pause(60)
    claimed(waiting(1)[0])
    few = queries()
    for info in waiting(6):
        claimed(info)
        ended(info, "ACTIVE", MINUTE)
        beat(SECOND)

    assert queries() == few <= 16


def test_htmx_gets_the_part_that_changes_and_it_asks_again(inside: Client) -> None:
    part = inside.get(PAGE, headers=HTMX)

    assert b"<html" not in part.content
    root = element(part, "#operacion")
    assert root["hx-get"] == PAGE
    assert str(root["hx-trigger"]).startswith("every 10s")
    assert words(root)[:10] == words(element(inside.get(PAGE), "#operacion"))[:10]


def test_the_administration_leads_superadmins_there(inside: Client, leader: CustomUser) -> None:
    link = element(inside.get("/admin/"), ".operation-link a")
    assert link["href"] == PAGE

    leader.is_staff = True
    leader.save()
    inside.force_login(leader)
    assert "operation-link" not in inside.get("/admin/").content.decode()


@pytest.mark.parametrize("path", ["", "pausar/", "reanudar/"])
def test_it_opens_to_superadmins_alone(client: Client, leader: CustomUser, path: str) -> None:
    assert client.get(PAGE + path)["Location"].startswith("/ingresar/")
    client.force_login(leader)
    assert client.get(PAGE + path, follow=True).status_code == 403
    leader.is_staff = True
    leader.save()
    assert client.get(PAGE + path).status_code == 403
    assert client.post(PAGE + path).status_code == 403


def test_the_second_step_is_asked_for_and_a_part_leads_the_whole_page_there(
    inside: Client, settings: Settings
) -> None:
    settings.REQUIRE_SUPERADMIN_TOTP = True

    assert inside.get(PAGE)["Location"].startswith("/admin/login/")
    part = inside.get(PAGE, headers=HTMX)
    assert part["HX-Redirect"] == PAGE
    assert inside.post(f"{PAGE}pausar/", {"how": "indefinida"})["Location"].startswith("/admin/")
    assert Gate.state().pause_reason is None
