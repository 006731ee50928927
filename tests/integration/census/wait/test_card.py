"""The waiting time and the queue's state, as the card and a monitor get them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import CustomUser
from census.lookups import lifecycle
from census.models import LookupAttempt, WorkerHeartbeat
from census.operation.health import health_report
from census.states import FAILED, Priority, Status
from census.wait.card import TYPICAL_LOOKUP_SECONDS, CensusCard, census_card, map_url
from census.wait.wording import FAILURES
from census.worker.code_version import code_version
from scraper import errors
from scraper.gate.visits import Gate
from scraper.results import Found
from tests.lookups import NO_TRACE, claimed, new_lookup

pytestmark = pytest.mark.django_db


def test_a_person_without_a_lookup_has_an_empty_card() -> None:
    admin = CustomUser.objects.create_superuser("52000140", "x", nombre_completo="Jefa")

    assert census_card(admin) == CensusCard(None)


def test_the_place_in_the_line_counts_those_who_go_first(settings: Settings) -> None:
    settings.LOOKUP_INTERVAL_SECONDS = 5
    now = timezone.now()
    new_lookup("52000141", priority=Priority.BULK, next_attempt_at=now - timedelta(hours=1))
    new_lookup("52000142", next_attempt_at=now - timedelta(seconds=50))
    new_lookup("52000143", next_attempt_at=now + timedelta(seconds=50))
    claimed(new_lookup("52000144", next_attempt_at=now - timedelta(seconds=60)))
    mine = new_lookup("52000145", next_attempt_at=now - timedelta(seconds=10))

    card = census_card(mine.user)

    assert card.queue_position == 2
    assert card.seconds_left == 5 + TYPICAL_LOOKUP_SECONDS
    assert card.poll
    assert not card.can_retry


def test_the_time_left_follows_what_lookups_took_lately(settings: Settings) -> None:
    settings.LOOKUP_INTERVAL_SECONDS = 5
    for number, seconds in enumerate((20, 40, 60)):
        done = new_lookup(f"5200015{number}")
        lifecycle.settle(claimed(done), Found("A", "B", "C", "", ""), NO_TRACE)
        attempt = LookupAttempt.objects.get(info=done)
        LookupAttempt.objects.filter(pk=attempt.pk).update(
            started_at=timezone.now() - timedelta(seconds=seconds), ended_at=timezone.now()
        )
    mine = new_lookup("52000155")

    assert census_card(mine.user).seconds_left == pytest.approx(40, abs=10)
    claimed(mine)
    assert census_card(mine.user).seconds_left == pytest.approx(40, abs=10)


def test_a_retry_says_why_and_when() -> None:
    mine = new_lookup()
    lifecycle.postpone(claimed(mine), 300, errors.SiteBlocked("no"), NO_TRACE)

    card = census_card(mine.user)

    assert card.failure == FAILURES["SiteBlocked"]
    assert card.next_attempt_at is not None
    assert card.queue_position is None
    assert card.poll


def test_a_pause_is_told_to_those_who_wait() -> None:
    mine = new_lookup()
    until = Gate(5).record_block(1, [600.0])

    card = census_card(mine.user)

    assert card.paused_until == until
    assert card.seconds_left == pytest.approx(600 + TYPICAL_LOOKUP_SECONDS, abs=10)


@pytest.mark.parametrize(
    ("since_the_beat", "waited", "is_told"), [(None, 10, True), (5, 3600, True), (None, 60, False)]
)
def test_without_a_worker_nobody_can_say_for_long_when_the_line_moves(
    since_the_beat: float | None, waited: float, *, is_told: bool
) -> None:
    if since_the_beat is not None:
        beat(since_the_beat)
    mine = new_lookup(next_attempt_at=timezone.now() - timedelta(seconds=waited))

    card = census_card(mine.user)

    assert (card.seconds_left is not None) == is_told
    assert (card.queue_position, card.poll) == (1, True)


def test_a_bulk_waits_for_the_people_whose_next_try_comes_before_its_turn(
    settings: Settings,
) -> None:
    settings.LOOKUP_INTERVAL_SECONDS = 60
    now = timezone.now()
    for number, seconds in enumerate((-50, 40, 55, 500)):
        new_lookup(f"5200018{number}", next_attempt_at=now + timedelta(seconds=seconds))
    mine = new_lookup("52000185", priority=Priority.BULK, next_attempt_at=now)

    card = census_card(mine.user)

    assert card.queue_position == 2
    assert card.seconds_left == 3 * 60 + TYPICAL_LOOKUP_SECONDS


def test_another_try_waits_for_its_time_and_for_the_line(settings: Settings) -> None:
    settings.LOOKUP_INTERVAL_SECONDS = 5
    now = timezone.now()
    for number in range(6):
        new_lookup(f"5200019{number}", next_attempt_at=now)
    waits: dict[str, Any] = {"attempts": 1, "error_kind": "SiteTimeout"}
    soon = new_lookup("52000196", next_attempt_at=now + timedelta(seconds=10), **waits)
    later = new_lookup("52000197", next_attempt_at=now + timedelta(seconds=300), **waits)

    typical = TYPICAL_LOOKUP_SECONDS
    assert census_card(soon.user).seconds_left == 6 * 5 + typical
    assert census_card(later.user).seconds_left == pytest.approx(300 + typical, abs=10)


@pytest.mark.parametrize("status", sorted(FAILED))
def test_a_failure_can_be_retried_by_its_person(status: Status) -> None:
    mine = new_lookup(status=status, error_kind="SiteTimeout")

    card = census_card(mine.user)

    assert card.can_retry
    assert card.failure == FAILURES["SiteTimeout"]
    assert not card.poll


def test_every_failure_has_its_own_words() -> None:
    def names(kind: type[errors.ScraperError]) -> set[str]:
        below = kind.__subclasses__()
        return set().union(*map(names, below)) if below else {kind.__name__}

    # They leave the row as it was.
    never_shown = {"BrowserUnavailable", "TurnMissed", "LookupCancelled"}
    assert names(errors.ScraperError) - never_shown <= FAILURES.keys()


def test_the_map_points_at_the_coordinates_or_at_the_address() -> None:
    place = {"puesto": "IE SAN JOSÉ", "municipio": "CALI", "departamento": "VALLE"}
    with_point = new_lookup("52000161", status=Status.ACTIVE, latitude=3.4, longitude=-76.5)
    with_words = new_lookup("52000162", status=Status.ACTIVE, **place)
    without = new_lookup("52000163", status=Status.NOT_FOUND)

    assert map_url(with_point).endswith("query=3.4%2C-76.5")
    assert "IE+SAN+JOS%C3%89%2C+CALI%2C+VALLE%2C+Colombia" in map_url(with_words)
    assert map_url(without) == ""


def test_the_card_costs_the_same_however_long_the_line(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(30):
        new_lookup(f"530002{number:02}")
    mine = new_lookup()

    with django_assert_max_num_queries(7):
        census_card(mine.user)


# --- Health -------------------------------------------------------------------------------------


def beat(seconds_ago: float) -> None:
    moment = timezone.now() - timedelta(seconds=seconds_ago)
    WorkerHeartbeat.objects.create(
        cluster_id=uuid4(),
        host="h",
        pid=1,
        version=code_version(),
        started_at=moment,
        beat_at=moment,
    )


def test_health_counts_what_is_due_and_who_lives() -> None:
    beat(seconds_ago=2)
    beat(seconds_ago=60)
    new_lookup("52000171", next_attempt_at=timezone.now() - timedelta(seconds=9))
    new_lookup("52000172")
    new_lookup("52000173", next_attempt_at=timezone.now() + timedelta(seconds=60))
    new_lookup("52000174", status=Status.ACTIVE)

    assert health_report() == {
        "database": "ok",
        "workers": 1,
        "due": 2,
        "oldest_due_seconds": 9,
        "paused_until": None,
    }


def test_health_says_until_when_everybody_pauses() -> None:
    until = Gate(5).record_block(1, [600.0])

    assert until is not None
    assert health_report()["paused_until"] == until.isoformat()


@pytest.mark.django_db(transaction=True)
def test_health_survives_a_database_without_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE census_cedulainfo RENAME TO hidden")
    try:
        assert health_report()["database"] == "error"
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE hidden RENAME TO census_cedulainfo")
