"""The pace of lookups, computed from the attempt log."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pytest_django import Settings

from census.models import CedulaInfo, LookupAttempt
from census.states import Status
from census.wait import pace
from census.wait.forecast import TYPICAL, Course
from tests.lookups import new_lookup
from tests.people import new_cedula

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _five_seconds(settings: Settings) -> None:
    settings.LOOKUP_INTERVAL_SECONDS = 5
    settings.LOOKUP_CONCURRENCY = 8
    settings.Q_WORKERS = 1


def before(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def attempt(
    started: float, *later: float | None, due: float = 0.0, outcome: str = Status.ACTIVE
) -> LookupAttempt:
    """One that began, opened the page, solved, read and ended so many seconds ago; None: never."""
    opening, solving, reading, ended = (
        None if moment is None else before(moment) for moment in later
    )
    return LookupAttempt.objects.create(
        info=new_lookup(new_cedula(), next_attempt_at=before(due)),
        claim=uuid4(),
        number=1,
        worker="w",
        started_at=before(started),
        opening_at=opening,
        solving_at=solving,
        reading_at=reading,
        ended_at=ended,
        outcome=outcome if ended else "",
    )


def visited(*seconds_ago: float, due: float) -> None:
    """Visits by people who were due `due` seconds before each."""
    for ago in seconds_ago:
        attempt(ago + 1, ago, ago - 1, ago - 2, ago - 3, due=ago + due)


def gap() -> float:
    return pace.traffic(1, NOW).pace.gap


def test_without_a_lookup_it_is_what_is_typical() -> None:
    traffic = pace.traffic(1, NOW)

    assert (traffic.pace.courses, traffic.pace.gap) == ([TYPICAL], 5)
    assert (traffic.landings, traffic.last_claim_at) == ([], None)


def test_each_stage_is_measured_apart() -> None:
    attempt(30, 29, 26, 12, 11)
    attempt(60, 58, None, 54, 53)  # no captcha
    attempt(5, 4, 3, 2, 1, outcome="SiteTimeout")  # brought no answer

    assert pace.recent_courses() == [
        Course(waiting=1, opening=3, solving=14, reading=1),
        Course(waiting=2, opening=4, solving=0, reading=1),
    ]


def test_the_last_ones_count(settings: Settings) -> None:
    for number in range(pace.RECENT):
        attempt(30 + number, 29, 28, 27, 26)
    attempt(1000, 999, 998, 997, 100)

    assert len(pace.recent_courses()) == pace.RECENT
    assert max(course.total for course in pace.recent_courses()) < 100


def test_what_a_release_without_stages_logged_is_spread_over_them() -> None:
    attempt(40, None, None, None, 10)

    (course,) = pace.recent_courses()
    assert course.total == pytest.approx(30)
    assert course == TYPICAL.stretched_to(30)


@pytest.mark.parametrize(
    ("seconds_ago", "due", "expected"),
    [
        ((40, 34, 28, 22), 60.0, 6.0),  # a machine that is slower than the gate
        ((40, 36, 32, 28), 60.0, 5.0),  # closer than now allowed: the setting has changed
        ((40, 30, 20, 10), 1.0, 5.0),  # nobody waited for the second: it tells nothing
        ((40, 34), 60.0, 5.0),  # too few
        ((400, 394, 388, 46, 40, 34), 1000.0, 6.0),  # there was a pause
        ((80, 79, 78, 77, 70, 63, 56, 49, 42), 1000.0, 7.0),  # it has become slower
    ],
)
def test_the_gap_is_what_came_between_visits_while_somebody_waited(
    seconds_ago: Sequence[float], due: float, expected: float
) -> None:
    visited(*seconds_ago, due=due)

    assert gap() == pytest.approx(expected)


@pytest.mark.parametrize(("clusters", "workers", "capacity"), [(0, 1, 8), (1, 1, 8), (3, 2, 48)])
def test_the_capacity_is_that_of_all_workers_together(
    settings: Settings, clusters: int, workers: int, capacity: int
) -> None:
    settings.Q_WORKERS = workers

    assert pace.traffic(clusters, NOW).pace.capacity == capacity


def test_what_is_in_flight_lands_when_its_stages_are_over() -> None:
    attempt(100, 99, 97, 87, 85)  # one answer: 1, 2, 10 and 2 seconds
    attempt(3, 2, 1, None, None)
    attempt(20, 18, 17, 1, None)
    attempt(200, 199, 198, None, None)  # overdue: any moment

    traffic = pace.traffic(1, NOW)

    assert sorted(traffic.landings) == pytest.approx([0, 1, 9 + 2])
    assert traffic.last_claim_at == before(3)


def test_lookups_of_those_who_left_do_not_count() -> None:
    attempt(3, 2, 1, None, None)
    CedulaInfo.objects.all().delete()

    assert pace.traffic(1, NOW).landings == []
