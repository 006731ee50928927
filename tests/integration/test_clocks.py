"""A host whose clock is wrong would take the others' claims for lost: it does not start."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from census import clocks
from census.dispatcher import RENEW_SECONDS
from census.lifecycle import LEASE

pytestmark = pytest.mark.django_db


@pytest.fixture
def _shared_clock(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one host, whose clock is the only one")


@pytest.mark.usefixtures("_shared_clock")
@pytest.mark.parametrize(("seconds", "words"), [(47, "47 s ahead of"), (-3600, "3600 s behind")])
def test_a_worker_whose_clock_is_wrong_does_not_start_and_says_why(
    seconds: int, words: str
) -> None:
    wrong = datetime.now(UTC) + timedelta(seconds=seconds)
    with (
        time_machine.travel(wrong, tick=True),
        pytest.raises(CommandError, match=f"clock is {words} the database's"),
    ):
        call_command("qcluster")


@pytest.mark.usefixtures("_shared_clock")
def test_a_clock_that_is_right_is_told_from_one_that_is_nearly_so() -> None:
    assert abs(clocks.seconds_ahead()) < clocks.TOLERANCE_SECONDS
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=6), tick=True):
        assert 5 < clocks.seconds_ahead() < 7


def test_two_hosts_at_both_ends_of_the_tolerance_leave_each_others_leases_alone() -> None:
    assert LEASE.total_seconds() - RENEW_SECONDS >= 2 * clocks.TOLERANCE_SECONDS


def test_a_single_hosts_clock_is_right_by_definition() -> None:
    if connection.vendor == "postgresql":
        pytest.skip("several hosts have several clocks")
    with time_machine.travel("2001-01-01T00:00:00Z"):
        assert clocks.seconds_ahead() == 0
