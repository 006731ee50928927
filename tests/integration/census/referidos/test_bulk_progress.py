"""The progress of a bulk refresh, until its summary is dismissed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import CustomUser
from census.lookups import lifecycle, refresh
from census.models import BulkRefresh, CedulaInfo
from census.referidos import bulk
from census.referidos.bulk import BulkProgress
from census.states import Status
from scraper.errors import SiteTimeout, UnknownPage
from scraper.gate.visits import Gate
from scraper.results import Found, NotFound
from tests.bulks import claim_all, failed, leader_of_nobody
from tests.lookups import NO_TRACE
from tests.people import new_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader(db: None) -> CustomUser:
    """A leader who has brought nobody yet, and nothing is due or queued."""
    return leader_of_nobody()


def progress_of(leader: CustomUser) -> BulkProgress:
    progress = bulk.progress_of(leader)
    assert progress is not None
    return progress


def parts(progress: BulkProgress) -> tuple[int, int, int, int]:
    return progress.total, progress.done, progress.failed, progress.left


# --- How far it is ------------------------------------------------------------------------------


def end(claims: Sequence[lifecycle.Claim]) -> None:
    """One is found, one is not in the census, one fails, the others stay with the worker."""
    found, unknown, lost, *_ = claims
    lifecycle.settle(found, Found("CAUCA", "POPAYÁN", "IE SOL", "", "7"), NO_TRACE)
    lifecycle.settle(unknown, NotFound(), NO_TRACE)
    lifecycle.fail(lost, Status.ERROR, UnknownPage("?"), NO_TRACE)


def test_its_progress_follows_the_lookups(leader: CustomUser) -> None:
    bulk.refresh_ids(leader, failed(leader, 5))
    assert parts(progress_of(leader)) == (5, 0, 0, 5)

    end(claim_all())

    progress = progress_of(leader)
    assert parts(progress) == (5, 2, 1, 2)
    assert (progress.ended, progress.dropped, progress.is_running) == (3, 0, True)


def test_a_second_wish_joins_the_bulk_that_runs(leader: CustomUser) -> None:
    bulk.refresh_ids(leader, failed(leader, 3))
    end(claim_all())
    assert not progress_of(leader).is_running

    bulk.refresh_ids(leader, failed(leader, 2))
    bulk.refresh_ids(leader, failed(leader, 4))

    assert parts(progress_of(leader)) == (6, 0, 0, 6)
    assert BulkRefresh.objects.count() == 2  # the first had ended


def test_one_that_is_asked_for_by_itself_leaves_the_bulk(leader: CustomUser) -> None:
    ids = failed(leader, 3)
    bulk.refresh_ids(leader, ids)
    end(claim_all())
    CedulaInfo.objects.update(refresh_requested_at=None)

    refresh.request_refresh(CedulaInfo.objects.get(status=Status.ERROR))

    progress = progress_of(leader)
    assert parts(progress) == (3, 2, 0, 0)
    assert (progress.dropped, progress.ended) == (1, 3)


@pytest.mark.parametrize(
    "change", [{"consented_at": None, "consent_version": ""}, {"is_active": False}]
)
def test_a_bulk_does_not_wait_for_who_may_no_longer_be_looked_up(
    leader: CustomUser, change: dict[str, Any]
) -> None:
    ids = failed(leader, 2)
    bulk.refresh_ids(leader, ids)

    CustomUser.objects.filter(pk=ids[0]).update(**change)
    assert parts(progress_of(leader)) == (2, 0, 0, 1)

    CustomUser.objects.filter(pk=ids[1]).update(**change)
    assert not progress_of(leader).is_running


def test_the_time_left_counts_who_goes_before(leader: CustomUser, settings: Settings) -> None:
    settings.LOOKUP_INTERVAL_SECONDS = 5
    bulk.refresh_ids(leader, failed(leader, 10))
    alone = progress_of(leader).seconds_left
    for _ in range(4):
        new_person()

    assert alone == 10 * 5 + 15
    assert progress_of(leader).seconds_left == (10 + 4) * 5 + 15


def test_the_time_left_reaches_to_the_last_try(leader: CustomUser, settings: Settings) -> None:
    settings.LOOKUP_INTERVAL_SECONDS = 5
    bulk.refresh_ids(leader, failed(leader, 1))
    (claim,) = claim_all()

    lifecycle.postpone(claim, 900, SiteTimeout("late"), NO_TRACE)

    assert progress_of(leader).seconds_left == pytest.approx(900 + 15, abs=14)


def test_nobody_can_say_how_long_it_takes_while_everybody_pauses(leader: CustomUser) -> None:
    bulk.refresh_ids(leader, failed(leader, 1))
    until = Gate(5).record_block(1, [600.0])

    progress = progress_of(leader)

    assert (progress.paused_until, progress.seconds_left) == (until, None)


# --- After it has ended -------------------------------------------------------------------------


def test_a_summary_is_dismissed_once_it_has_ended_and_not_before(leader: CustomUser) -> None:
    bulk.refresh_ids(leader, failed(leader, 3))
    bulk.dismiss(leader)
    assert progress_of(leader).is_running

    end(claim_all())
    bulk.dismiss(leader)

    assert bulk.progress_of(leader) is None
    bulk.dismiss(leader)  # on another device


def test_a_summary_is_shown_for_a_day_from_the_end(leader: CustomUser) -> None:
    bulk.refresh_ids(leader, failed(leader, 3))
    BulkRefresh.objects.update(requested_at=timezone.now() - timedelta(days=2))
    end(claim_all())
    assert parts(progress_of(leader)) == (3, 2, 1, 0)

    CedulaInfo.objects.update(updated_at=timezone.now() - timedelta(hours=25))

    assert bulk.progress_of(leader) is None


def test_one_leaders_bulk_is_nothing_to_another(leader: CustomUser, stranger: CustomUser) -> None:
    bulk.refresh_ids(leader, failed(leader, 2))
    bulk.refresh_ids(stranger, failed(stranger, 3))

    bulk.dismiss(stranger)
    assert bulk.cancel(stranger) == 3

    assert parts(progress_of(leader)) == (2, 0, 0, 2)
    assert bulk.progress_of(new_person()) is None
