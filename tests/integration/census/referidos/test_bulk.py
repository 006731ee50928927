"""A refresh of many: who is put into the queue, who is not, and behind whom."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import CustomUser
from census.lookups import lifecycle, refresh
from census.models import BulkRefresh, CedulaInfo
from census.referidos import bulk
from census.referidos.bulk import BulkOutcome, Skipped
from census.states import FAILED, IN_FLIGHT, SETTLED, Priority, Status
from scraper.errors import SiteTimeout
from tests.bulks import FAILED_LOOKUP, claim_all, failed, leader_of_nobody
from tests.crowds import Lookup, new_referidos
from tests.lookups import NO_TRACE
from tests.people import new_person

pytestmark = pytest.mark.django_db

A_YEAR_AHEAD = timezone.now() + timedelta(days=365)
"""Asked for a moment ago, whenever the test runs."""


@pytest.fixture
def leader(db: None) -> CustomUser:
    """A leader who has brought nobody yet, and nothing is due or queued."""
    return leader_of_nobody()


# --- Who is looked up again ---------------------------------------------------------------------


@pytest.mark.parametrize("status", sorted(FAILED))
def test_a_failed_lookup_is_due_again_with_all_its_attempts(
    leader: CustomUser, status: Status
) -> None:
    (person,) = new_referidos(leader, [{"status": status, "attempts": 4, "retry_count": 3}])

    assert bulk.refresh_ids(leader, [person.pk]) == BulkOutcome(1, {})

    info = CedulaInfo.objects.get(user=person)
    assert (info.status, info.attempts, info.retry_count) == (Status.PENDING, 0, 0)
    assert info.priority == Priority.BULK
    assert lifecycle.due_rows().contains(info)


@pytest.mark.parametrize(
    ("lookup", "reason"),
    [
        *(({"status": status}, Skipped.SETTLED) for status in sorted(SETTLED)),
        *(({"status": status}, Skipped.IN_FLIGHT) for status in sorted(IN_FLIGHT)),
        (FAILED_LOOKUP | {"refresh_requested_at": A_YEAR_AHEAD}, Skipped.COOLDOWN),
        (None, Skipped.NO_CONSENT),
    ],
)
def test_whoever_needs_no_other_lookup_is_skipped_and_it_is_said_why(
    leader: CustomUser, lookup: dict[str, Any] | None, reason: Skipped
) -> None:
    (person,) = new_referidos(leader, [lookup])
    before = list(CedulaInfo.objects.values())

    assert bulk.refresh_ids(leader, [person.pk]) == BulkOutcome(0, {reason: 1})
    assert list(CedulaInfo.objects.values()) == before
    assert not BulkRefresh.objects.exists()


@pytest.mark.parametrize(
    "change", [{"consented_at": None, "consent_version": ""}, {"is_active": False}]
)
def test_nobody_is_looked_up_without_consent_or_with_a_closed_account(
    leader: CustomUser, change: dict[str, Any]
) -> None:
    (user_id,) = failed(leader, 1)
    CustomUser.objects.filter(pk=user_id).update(**change)

    assert bulk.refresh_ids(leader, [user_id]) == BulkOutcome(0, {Skipped.NO_CONSENT: 1})


def test_other_peoples_referidos_and_unknown_ids_are_not_told_apart(
    leader: CustomUser, stranger: CustomUser
) -> None:
    (theirs,) = failed(stranger, 1)

    outcome = bulk.refresh_ids(leader, [theirs, leader.pk, 10**9, -1])

    assert outcome == BulkOutcome(0, {Skipped.NOT_YOURS: 4})
    assert CedulaInfo.objects.get(user=theirs).status == Status.TIMEOUT


def test_an_id_that_is_sent_twice_counts_once(leader: CustomUser) -> None:
    (user_id,) = failed(leader, 1)

    assert bulk.refresh_ids(leader, [user_id, user_id]) == BulkOutcome(1, {})
    assert bulk.refresh_ids(leader, [user_id] * 3) == BulkOutcome(0, {Skipped.IN_FLIGHT: 1})


def test_a_mixed_wish_counts_each_reason(leader: CustomUser) -> None:
    others = [{}, {"status": Status.NOT_FOUND}, {"status": Status.PENDING}]
    lookups: list[Lookup] = [FAILED_LOOKUP, FAILED_LOOKUP, *others, None]
    people = new_referidos(leader, lookups)

    outcome = bulk.refresh_ids(leader, [*(person.pk for person in people), 10**9])

    assert outcome.queued == 2
    assert outcome.skipped == {
        Skipped.SETTLED: 2,
        Skipped.IN_FLIGHT: 1,
        Skipped.NO_CONSENT: 1,
        Skipped.NOT_YOURS: 1,
    }


def test_after_the_cooldown_one_may_ask_again(leader: CustomUser, settings: Settings) -> None:
    settings.REFRESH_COOLDOWN_SECONDS = 30
    now = timezone.now()
    early, late = new_referidos(
        leader,
        [
            FAILED_LOOKUP | {"refresh_requested_at": now - timedelta(seconds=ago)}
            for ago in (25, 31)
        ],
    )

    outcome = bulk.refresh_people(leader, CustomUser.objects.filter(referred_by=leader))

    assert outcome == BulkOutcome(1, {Skipped.COOLDOWN: 1})
    assert CedulaInfo.objects.get(user=late).status == Status.PENDING
    assert CedulaInfo.objects.get(user=early).status == Status.TIMEOUT


def test_who_was_taken_up_by_somebody_faster_is_said_to_be_in_flight(
    leader: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = failed(leader, 2)
    ask = lifecycle.request_many

    def ask_late(*args: Any) -> int:
        for user_id in ids:
            refresh.request_refresh(CedulaInfo.objects.get(user=user_id))
        return ask(*args)

    monkeypatch.setattr(lifecycle, "request_many", ask_late)

    assert bulk.refresh_ids(leader, ids) == BulkOutcome(0, {Skipped.IN_FLIGHT: 2})
    assert not BulkRefresh.objects.exists()  # an empty one would be shown as ended
    assert set(CedulaInfo.objects.values_list("priority", flat=True)) == {Priority.PERSON}


def test_any_number_may_be_asked_for_at_once(
    leader: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "IDS_AT_A_TIME", 3)  # as few as it takes to need several statements
    failed(leader, 8)

    outcome = bulk.refresh_people(leader, CustomUser.objects.filter(referred_by=leader))

    assert outcome == BulkOutcome(8, {})
    assert lifecycle.due_rows().count() == 8


# --- Waking a worker ----------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 130])
def test_a_bulk_wakes_a_worker_once_whatever_its_size(
    leader: CustomUser,
    number: int,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    ids = failed(leader, number)

    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        bulk.refresh_ids(leader, ids)

    assert len(callbacks) == 1
    assert [message.func() for message in OrmQ.objects.all()] == [
        "census.tasks.look_up_what_is_due"
    ]


def test_a_bulk_that_queues_nothing_wakes_nobody(
    leader: CustomUser, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        bulk.refresh_ids(leader, [10**9])

    assert callbacks == []


@pytest.mark.django_db(transaction=True)
def test_a_bulk_that_fails_half_way_leaves_nothing(
    leader: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = failed(leader, 4)
    monkeypatch.setattr(bulk, "IDS_AT_A_TIME", 2)
    ask, calls = lifecycle.request_many, []

    def fail_the_second_time(*args: Any) -> int:
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("no disk")
        return ask(*args)

    monkeypatch.setattr(lifecycle, "request_many", fail_the_second_time)

    with pytest.raises(RuntimeError, match="no disk"):
        bulk.refresh_ids(leader, ids)

    assert not CedulaInfo.objects.filter(user__in=ids).exclude(status=Status.TIMEOUT).exists()
    assert not BulkRefresh.objects.exists()
    assert not OrmQ.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_down_is_logged_and_the_rows_stay_due(
    leader: CustomUser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def down(*args: object, **kwargs: object) -> None:
        raise ConnectionError("the broker is down")

    ids = failed(leader, 2)
    monkeypatch.setattr("census.lookups.wakeups.async_task", down)

    assert bulk.refresh_ids(leader, ids).queued == 2

    assert lifecycle.due_rows().count() == 2
    assert "the broker is down" in caplog.text


# --- Behind every person ------------------------------------------------------------------------


def test_whoever_waits_at_a_screen_goes_before_a_bulk_that_was_asked_for_earlier(
    leader: CustomUser, stranger: CustomUser
) -> None:
    CedulaInfo.objects.all().delete()
    many = failed(leader, 60)
    (alone,) = failed(stranger, 1)
    bulk.refresh_ids(leader, many)
    refresh.request_refresh(CedulaInfo.objects.get(user=alone))
    newcomer = new_person(referred_by=stranger)

    order = [claim.user_id for claim in claim_all()]

    assert order[:2] == [alone, newcomer.pk]
    assert order[2:] == many


def test_a_row_of_a_bulk_that_is_tried_again_stays_behind_every_person(leader: CustomUser) -> None:
    (user_id,) = failed(leader, 1)
    bulk.refresh_ids(leader, [user_id])
    (claim,) = claim_all()
    lifecycle.postpone(claim, 0, SiteTimeout("late"), NO_TRACE)
    newcomer = new_person()

    assert [claim.user_id for claim in claim_all()] == [newcomer.pk, user_id]
