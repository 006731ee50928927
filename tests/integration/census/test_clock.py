"""A host whose own clock is wrong works by the database's, and its operator is told."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from census import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def _shared_clock(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one host, whose clock is the only one")


@pytest.mark.usefixtures("_shared_clock")
@pytest.mark.parametrize(("seconds", "words"), [(47, "47 s ahead of"), (-3600, "3600 s behind")])
def test_a_wrong_clock_is_told_and_nothing_goes_by_it(seconds: int, words: str) -> None:
    right = datetime.now(UTC)
    with time_machine.travel(right + timedelta(seconds=seconds), tick=True):
        assert f"clock is {words} the database's" in clock.what_is_wrong_here()
        assert abs(clock.now() - right) < timedelta(seconds=clock.TOLERANCE_SECONDS)


@pytest.mark.usefixtures("_shared_clock")
def test_a_clock_that_is_nearly_right_is_no_matter() -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=6), tick=True):
        assert not clock.what_is_wrong_here()


def test_a_single_hosts_clock_is_right_by_definition() -> None:
    if connection.vendor == "postgresql":
        pytest.skip("several hosts have several clocks")
    with time_machine.travel("2001-01-01T00:00:00Z"):
        assert not clock.what_is_wrong_here()
