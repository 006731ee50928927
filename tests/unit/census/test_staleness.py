"""The conditions of staleness, one by one, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from census.staleness import STANDSTILL, Wait, is_stale
from census.states import FAILED, SETTLED, Status

NOW = datetime(2027, 10, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LONGEST_DELAY = timedelta(minutes=15)


def stale(wait: Wait, *, stands_still: bool = False) -> bool:
    return is_stale(wait, NOW, LONGEST_DELAY, lambda _: stands_still)


@pytest.mark.parametrize(
    ("lease_expires_at", "expected"),
    [(None, True), (NOW - SECOND, True), (NOW, False), (NOW + SECOND, False)],
)
def test_a_claimed_row_is_stale_without_a_lease_that_holds(
    lease_expires_at: datetime | None, *, expected: bool
) -> None:
    wait = Wait(Status.PROCESSING, lease_expires_at, NOW)
    assert stale(wait) is expected
    assert stale(wait, stands_still=True) is expected


@pytest.mark.parametrize(
    ("next_attempt_at", "stands_still", "expected"),
    [
        (NOW, True, False),
        (NOW - STANDSTILL, True, False),
        (NOW - STANDSTILL - SECOND, True, True),
        (NOW - STANDSTILL - SECOND, False, False),
        (NOW + LONGEST_DELAY + STANDSTILL, False, False),
        (NOW + LONGEST_DELAY + STANDSTILL + SECOND, False, True),
    ],
)
def test_a_waiting_row_is_stale_where_its_turn_cannot_come(
    next_attempt_at: datetime, *, stands_still: bool, expected: bool
) -> None:
    wait = Wait(Status.PENDING, None, next_attempt_at)
    assert stale(wait, stands_still=stands_still) is expected


@pytest.mark.parametrize("status", sorted(SETTLED | FAILED))
def test_a_row_that_is_not_in_flight_is_never_stale(status: str) -> None:
    wait = Wait(status, None, NOW - timedelta(days=365))
    assert not stale(wait, stands_still=True)


def test_the_queue_is_asked_about_only_for_a_row_that_is_long_due() -> None:
    def refuse(now: datetime) -> bool:
        raise AssertionError("a query for every poll")

    for next_attempt_at in (NOW, NOW - STANDSTILL, NOW + SECOND):
        is_stale(Wait(Status.PENDING, None, next_attempt_at), NOW, LONGEST_DELAY, refuse)
