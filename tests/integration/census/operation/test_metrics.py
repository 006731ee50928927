"""The metrics for Prometheus: behind a token, from the database, and nothing personal."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, Settings

from census.models import CedulaInfo
from census.states import Status
from scraper.gate.visits import Gate
from scraper.models import CaptchaAccount, CaptchaDay
from tests.lookups import claimed, new_lookup
from tests.operations import beat, ended

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_day")]

PAGE = "/metricas/"
TOKEN = "un-secreto-de-prueba-7"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

Sample = tuple[str, frozenset[tuple[str, str]]]


@pytest.fixture(autouse=True)
def _token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def ask(client: Client, token: str = f"Bearer {TOKEN}") -> str:
    response = client.get(PAGE, headers={"Authorization": token})
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return response.content.decode()


def samples(client: Client) -> Mapping[Sample, float]:
    """Every number, by its name and labels, as Prometheus's own parser reads it."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(ask(client))
        for sample in family.samples
    }


def named(name: str, **labels: str) -> Sample:
    return name, frozenset(labels.items())


def test_lookups_are_counted_by_state_and_by_what_they_wait_for(client: Client) -> None:
    now = timezone.now()
    new_lookup("53000301", next_attempt_at=now - 2 * MINUTE)
    new_lookup("53000302", next_attempt_at=now + HOUR)
    without = new_lookup("53000303")
    without.user.consent_version = "old"
    without.user.save()
    claimed(new_lookup("53000304"))
    new_lookup("53000305", status=Status.ACTIVE)

    found = samples(client)

    assert found[named("censo_lookups", status="PENDING")] == 3
    assert found[named("censo_lookups", status="ACTIVE")] == 1
    assert found[named("censo_lookups", status="BLOCKED")] == 0
    assert found[named("censo_due")] == 1
    assert found[named("censo_oldest_due_seconds")] == pytest.approx(120, abs=60)
    assert found[named("censo_waiting_for_retry")] == 1
    assert found[named("censo_waiting_for_consent")] == 1
    assert found[named("censo_in_flight")] == 1


def test_attempts_are_told_for_the_hour_and_the_day(client: Client, settings: Settings) -> None:
    settings.LOOKUP_INTERVAL_SECONDS = 360
    info = new_lookup()
    for minutes, outcome in ((1, "ACTIVE"), (2, "SiteTimeout"), (180, "ACTIVE")):
        ended(info, outcome, minutes * MINUTE, seconds=30)

    found = samples(client)

    assert found[named("censo_attempts_recent", outcome="ACTIVE", window="1h")] == 1
    assert found[named("censo_attempts_recent", outcome="ACTIVE", window="1d")] == 2
    assert found[named("censo_attempts_recent", outcome="SiteTimeout", window="1h")] == 1
    for quantile in ("0.5", "0.9", "0.99"):
        seconds = found[named("censo_lookup_seconds", quantile=quantile, window="1h")]
        assert seconds == pytest.approx(30, abs=0.01)
    assert found[named("censo_visits_share")] == pytest.approx(0.2)


def test_captchas_gate_and_workers_are_told(client: Client, settings: Settings) -> None:
    settings.CAPTCHA_DAILY_LIMIT = 500
    now = timezone.now()
    CaptchaDay.objects.create(day=timezone.localdate(), taken=12, bought=11)
    CaptchaDay.objects.create(day=timezone.localdate() - timedelta(days=1), taken=30, bought=29)
    CaptchaAccount.objects.create(pk=1, balance=2.5, answered_at=now)
    Gate(5).pause(None)
    beat(timedelta(seconds=1))
    beat(timedelta(seconds=1), version="old")
    beat(HOUR)

    found = samples(client)

    assert found[named("censo_captchas_bought_total")] == 40
    assert found[named("censo_captchas_today")] == 12
    assert found[named("censo_captcha_daily_limit")] == 500
    assert found[named("censo_captcha_balance_usd")] == 2.5
    told_at = found[named("censo_captcha_balance_timestamp_seconds")]
    assert told_at == pytest.approx(now.timestamp(), abs=60)
    assert found[named("censo_gate_paused", reason="operator")] == 1
    assert found[named("censo_gate_paused", reason="blocked")] == 0
    assert found[named("censo_workers_alive")] == 2
    assert found[named("censo_workers_outdated")] == 1


def test_a_balance_that_nobody_told_is_left_out(client: Client) -> None:
    assert "censo_captcha_balance_usd" not in ask(client)


def test_an_empty_product_has_metrics(client: Client) -> None:
    found = samples(client)

    assert found[named("censo_due")] == found[named("censo_workers_alive")] == 0


def test_nothing_personal_is_in_them(client: Client) -> None:
    info = new_lookup("1020304077")
    claimed(info)
    ended(info, "ACTIVE", MINUTE)

    text = ask(client)

    assert "1020304077" not in text
    assert "Ana" not in text
    assert "host" not in text


# --- Who may read them --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent", ["", "Bearer", f"bearer {TOKEN}", f"Bearer {TOKEN} ", TOKEN, "Bearer ñ", "Basic x"]
)
def test_without_the_token_nothing_is_told(client: Client, sent: str) -> None:
    headers = {"Authorization": sent} if sent else {}

    response = client.get(PAGE, headers=headers)

    assert (response.status_code, response.content) == (401, b"")
    assert response["WWW-Authenticate"] == "Bearer"


def test_without_a_token_that_is_set_there_is_no_such_page(
    client: Client, settings: Settings
) -> None:
    settings.METRICS_TOKEN = ""

    for sent in ("Bearer ", "Bearer None", f"Bearer {TOKEN}"):
        assert client.get(PAGE, headers={"Authorization": sent}).status_code == 404


def test_they_are_only_read(client: Client) -> None:
    assert client.post(PAGE, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 405


def test_a_scrape_costs_the_same_however_much_there_is(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        info = new_lookup(f"5300040{number}")
        ended(info, "ACTIVE", MINUTE)
        claimed(info)
        beat(timedelta(seconds=1))

    with django_assert_max_num_queries(11):
        ask(client)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_fails_is_an_error_and_no_zeros(client: Client) -> None:
    new_lookup()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE census_cedulainfo RENAME TO hidden")
    try:
        response = client.get(PAGE, headers={"Authorization": f"Bearer {TOKEN}"})
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE hidden RENAME TO census_cedulainfo")
    assert response.status_code == 503
    assert CedulaInfo.objects.count() == 1
