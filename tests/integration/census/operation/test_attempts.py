"""Counts of attempts by outcome, in the last hour and day."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from census.lookups.lifecycle import HANDED_BACK
from census.models import CedulaInfo, LookupAttempt
from census.operation.attempts import last_hour_and_day
from census.states import Status
from tests.lookups import claimed, new_lookup
from tests.operations import ended

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def info() -> CedulaInfo:
    return new_lookup()


def test_each_outcome_is_counted_where_it_belongs(info: CedulaInfo) -> None:
    ended(info, Status.ACTIVE, 5 * MINUTE)
    ended(info, Status.CANCELLED_DECEASED, 10 * MINUTE)
    ended(info, "SiteTimeout", 20 * MINUTE)
    ended(info, HANDED_BACK, 30 * MINUTE)
    ended(info, "LeaseLost", 2 * HOUR)
    ended(info, "SiteTimeout", 3 * HOUR, solves_paid=0)
    ended(info, Status.ACTIVE, 25 * HOUR)
    claimed(info)  # runs: not ended

    hour, day = last_hour_and_day(timezone.now())

    assert (hour.answered, hour.failed, hour.handed_back, hour.solves_paid) == (2, 1, 1, 4)
    assert (day.answered, day.failed, day.handed_back, day.solves_paid) == (2, 3, 1, 5)
    assert hour.failures == Counter({"SiteTimeout": 1})
    assert day.failures == Counter({"SiteTimeout": 2, "LeaseLost": 1})


def test_the_seconds_are_those_of_the_answers(info: CedulaInfo) -> None:
    for seconds in (10, 20, 60):
        ended(info, Status.ACTIVE, MINUTE, seconds)
    ended(info, "SiteTimeout", MINUTE, 180)

    hour, _ = last_hour_and_day(timezone.now())

    assert hour.median_seconds == pytest.approx(20, abs=0.01)
    assert hour.quantiles_of_seconds([50, 99])[50] == pytest.approx(20, abs=0.01)
    assert hour.quantiles_of_seconds([50, 99])[99] == pytest.approx(60, abs=0.01)


def test_without_answers_there_is_no_median(info: CedulaInfo) -> None:
    ended(info, "SiteTimeout", MINUTE)

    hour, _ = last_hour_and_day(timezone.now())

    assert hour.median_seconds is None
    assert hour.quantiles_of_seconds([50]) == {}


def test_one_answer_is_every_quantile(info: CedulaInfo) -> None:
    ended(info, Status.ACTIVE, MINUTE, 30)

    hour, _ = last_hour_and_day(timezone.now())

    assert hour.quantiles_of_seconds([50, 99]) == pytest.approx({50: 30, 99: 30}, abs=0.01)


def test_a_stretch_splits_into_parts_that_lose_nothing(info: CedulaInfo) -> None:
    for minutes in (1, 2, 7, 58):
        ended(info, Status.ACTIVE, minutes * MINUTE)
    now = timezone.now()

    hour, _ = last_hour_and_day(now)
    parts = hour.split(12)

    assert [part.answered for part in parts] == [1, *[0] * 9, 1, 2]
    assert parts[0].begins_at == now - HOUR
    assert parts[-1].begins_at + parts[-1].length == now


def test_it_is_one_query(
    info: CedulaInfo, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for minutes in range(1, 20):
        ended(info, Status.ACTIVE, minutes * MINUTE)

    with django_assert_num_queries(1):
        last_hour_and_day(timezone.now())
    assert LookupAttempt.objects.count() == 19
