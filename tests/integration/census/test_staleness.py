"""A row is stale when nothing can be coming for it, and not because the queue is long."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from census.lookups import lifecycle
from census.models import CedulaInfo
from census.states import Status
from scraper.gate.visits import Gate
from tests.lookups import claimed, expire, new_lookup

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(hours=1)


def test_a_new_row_is_not_stale() -> None:
    assert not new_lookup().is_stale()


def test_a_row_in_flight_with_a_live_lease_is_not_stale() -> None:
    info = new_lookup()
    claimed(info)
    info.refresh_from_db()

    assert not info.is_stale()
    assert not info.reset_if_stale()


@pytest.mark.parametrize("lease", ["run out", "none"])
def test_a_row_in_flight_that_nobody_holds_is_stale_and_goes_back_to_the_line(lease: str) -> None:
    info = new_lookup()
    if lease == "run out":
        claimed(info)
        expire(info)
    else:
        CedulaInfo.objects.filter(pk=info.pk).update(status=Status.PROCESSING)
        info.refresh_from_db()
    queued = OrmQ.objects.count()

    assert info.is_stale()
    assert info.reset_if_stale()
    assert info.status == Status.PENDING
    assert OrmQ.objects.count() == queued + 1


def test_a_long_wait_in_a_line_that_moves_is_not_stale() -> None:
    info = new_lookup(next_attempt_at=timezone.now() - LONG_AGO)
    claimed(new_lookup("52000121"))

    assert not info.is_stale()


def test_a_long_wait_in_a_line_that_stands_still_is_stale() -> None:
    info = new_lookup(next_attempt_at=timezone.now() - LONG_AGO)
    queued = OrmQ.objects.count()

    assert info.is_stale()
    assert info.reset_if_stale()
    assert info.status == Status.PENDING
    assert OrmQ.objects.count() == queued + 1


def test_a_line_that_stands_still_because_everybody_pauses_is_not_stale() -> None:
    info = new_lookup(next_attempt_at=timezone.now() - LONG_AGO)
    Gate(5).record_block(1, [600.0])

    assert not info.is_stale()


def test_a_row_that_waits_for_its_next_try_is_not_stale() -> None:
    info = new_lookup(next_attempt_at=timezone.now() + timedelta(seconds=900), attempts=3)

    assert not info.is_stale()


def test_a_next_try_further_off_than_any_delay_is_stale_and_becomes_due() -> None:
    info = new_lookup(next_attempt_at=timezone.now() + timedelta(days=1), attempts=1)

    assert info.reset_if_stale()
    assert lifecycle.due_rows().contains(info)


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.NOT_FOUND, Status.ERROR])
def test_what_has_ended_is_never_stale(status: Status) -> None:
    info = new_lookup(status=status, next_attempt_at=timezone.now() - LONG_AGO)

    assert not info.is_stale()
    assert not info.reset_if_stale()


def test_a_row_that_was_answered_meanwhile_is_not_reset_by_an_old_copy() -> None:
    info = new_lookup()
    claimed(info)
    expire(info)
    CedulaInfo.objects.filter(pk=info.pk).update(status=Status.ACTIVE, claim=None)

    assert not info.reset_if_stale()
    assert info.status == Status.ACTIVE


def test_a_lookup_that_killed_its_worker_at_every_attempt_is_not_put_back_for_ever() -> None:
    info = new_lookup(attempts=3)
    claimed(info)
    expire(info)

    assert info.reset_if_stale()
    assert info.status == Status.ERROR
