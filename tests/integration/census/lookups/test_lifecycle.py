"""The states of a lookup: who may move a row where, and who comes too late."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import CustomUser
from census.lookups import lifecycle
from census.lookups.lifecycle import IllegalMove, Trace
from census.models import CedulaInfo, LookupAttempt
from census.states import FAILED, IN_FLIGHT, SETTLED, Priority, Status
from scraper.errors import SiteBlocked, SiteTimeout, UnknownPage
from scraper.results import Cancelled, CancelReason, Found, Lookup, NotFound
from tests.lookups import NO_TRACE, claimed, expire, new_lookup

pytestmark = pytest.mark.django_db

FOUND = Found("CAUCA", "POPAYÁN", "COLEGIO EL LAGO", "CALLE 5 # 4-3", "12", 2.44, -76.6)


def outcomes(info: CedulaInfo) -> list[str]:
    return list(
        LookupAttempt.objects.filter(info=info).order_by("id").values_list("outcome", flat=True)
    )


# --- The table ----------------------------------------------------------------------------------


def test_every_status_is_in_flight_settled_or_failed_and_only_one_of_them() -> None:
    assert sorted([*IN_FLIGHT, *SETTLED, *FAILED]) == sorted(Status)


@pytest.mark.parametrize(("old", "new"), list(itertools.product(Status, Status)))
def test_a_row_moves_where_the_table_says_and_nowhere_else(old: Status, new: Status) -> None:
    info = new_lookup(status=old)
    rows = CedulaInfo.objects.filter(pk=info.pk)

    if new in lifecycle.MOVES[old]:
        assert lifecycle.move(rows, old, new) == 1
        expected = new
    else:
        with pytest.raises(IllegalMove):
            lifecycle.move(rows, old, new)
        expected = old
    info.refresh_from_db()
    assert info.status == expected


def test_what_the_census_answered_is_never_left_again() -> None:
    assert all(not lifecycle.MOVES[status] for status in SETTLED)


def test_a_move_changes_only_rows_that_are_where_it_starts() -> None:
    info = new_lookup(status=Status.ACTIVE)

    assert not lifecycle.move(
        CedulaInfo.objects.filter(pk=info.pk), Status.PENDING, Status.PROCESSING
    )


def test_the_database_refuses_a_status_that_does_not_exist() -> None:
    info = new_lookup()

    with pytest.raises(IntegrityError), transaction.atomic():
        CedulaInfo.objects.filter(pk=info.pk).update(status="DONE")


# --- The queue ----------------------------------------------------------------------------------


def test_a_claim_counts_the_attempt_before_the_work_and_opens_a_line_in_the_log() -> None:
    info = new_lookup()

    claim = claimed(info)

    info.refresh_from_db()
    assert (info.status, info.attempts, info.retry_count) == (Status.PROCESSING, 1, 0)
    assert info.claim == claim.token
    assert info.lease_expires_at is not None
    attempt = LookupAttempt.objects.get(claim=claim.token)
    assert (attempt.number, attempt.worker, attempt.ended_at) == (1, "worker", None)


def test_a_claimed_row_cannot_be_claimed_again() -> None:
    info = new_lookup()
    claimed(info)

    assert lifecycle.claim_next("other", info.user_id) is None


@pytest.mark.django_db(transaction=True)
def test_many_claimants_at_once_never_get_the_same_row() -> None:
    for number in range(20):
        new_lookup(f"530001{number:02}")
    start = threading.Barrier(4)

    def claim_all(worker: str) -> list[int]:
        start.wait()
        try:
            claims = iter(lambda: lifecycle.claim_next(worker), None)
            return [claim.info_id for claim in claims]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = list(itertools.chain(*pool.map(claim_all, "abcd")))

    assert sorted(taken) == sorted(CedulaInfo.objects.values_list("id", flat=True))
    assert LookupAttempt.objects.count() == 20


def test_the_row_that_woke_the_worker_goes_first_then_priority_then_age() -> None:
    now = timezone.now()
    bulk = new_lookup("52000102", priority=Priority.BULK, next_attempt_at=now - timedelta(hours=1))
    older = new_lookup("52000103", next_attempt_at=now - timedelta(minutes=2))
    newer = new_lookup("52000104", next_attempt_at=now - timedelta(minutes=1))
    asked = new_lookup("52000105", next_attempt_at=now - timedelta(seconds=1))

    order = [lifecycle.claim_next("worker", asked.user_id) for _ in range(4)]

    assert [claim and claim.info_id for claim in order] == [asked.pk, older.pk, newer.pk, bulk.pk]


def test_a_row_that_waits_for_another_try_is_not_due() -> None:
    info = new_lookup(next_attempt_at=timezone.now() + timedelta(minutes=1))

    assert lifecycle.claim_next("worker", info.user_id) is None


@pytest.mark.parametrize("left", ["consent", "account"])
def test_nobody_is_looked_up_without_consent_or_with_a_closed_account(left: str) -> None:
    info = new_lookup()
    CustomUser.objects.filter(pk=info.user_id).update(
        **({"consented_at": None} if left == "consent" else {"is_active": False})
    )

    assert lifecycle.claim_next("worker", info.user_id) is None


# --- Out of flight ------------------------------------------------------------------------------

ANSWERS: list[tuple[Lookup, Status, dict[str, object]]] = [
    (
        FOUND,
        Status.ACTIVE,
        {"departamento": "CAUCA", "municipio": "POPAYÁN", "mesa": "12", "latitude": 2.44},
    ),
    (
        Cancelled(CancelReason.DECEASED, "Cancelada por Muerte", "12", "ayer"),
        Status.CANCELLED_DECEASED,
        {"novedad": "Cancelada por Muerte", "resolucion": "12", "fecha_novedad": "ayer"},
    ),
    (
        Cancelled(CancelReason.OTHER, "Cancelada por Extranjería"),
        Status.CANCELLED_OTHER,
        {"novedad": "Cancelada por Extranjería", "puesto": ""},
    ),
    (NotFound(), Status.NOT_FOUND, {"puesto": "", "novedad": ""}),
]


@pytest.mark.parametrize(("lookup", "status", "fields"), ANSWERS)
def test_an_answer_settles_the_row_and_replaces_what_was_there(
    lookup: Lookup, status: Status, fields: dict[str, object]
) -> None:
    info = new_lookup(puesto="OLD", novedad="OLD", error_kind="SiteTimeout", raw_response="old")

    assert lifecycle.settle(claimed(info), lookup, Trace("A", 1))

    info.refresh_from_db()
    assert info.status == status
    assert {name: getattr(info, name) for name in fields} == fields
    assert (info.error_kind, info.raw_response, info.claim) == ("", "", None)
    assert info.fetched_at is not None
    attempt = LookupAttempt.objects.get(info=info)
    assert (attempt.outcome, attempt.page_shape, attempt.solves_paid) == (status, "A", 1)
    assert attempt.ended_at is not None


def test_a_passing_failure_waits_for_its_next_try_and_keeps_its_reason() -> None:
    info = new_lookup()

    lifecycle.postpone(claimed(info), 60, SiteBlocked("no", page_text="Request Rejected"), NO_TRACE)

    info.refresh_from_db()
    assert info.status == Status.PENDING
    assert info.is_waiting_for_retry()
    assert (info.error_kind, info.raw_response) == ("SiteBlocked", "Request Rejected")
    assert info.next_attempt_at - timezone.now() > timedelta(seconds=58)


def test_the_second_attempt_is_the_first_retry() -> None:
    info = new_lookup()
    lifecycle.postpone(claimed(info), 0, SiteTimeout("late"), NO_TRACE)

    assert claimed(info).attempt == 2
    info.refresh_from_db()
    assert (info.attempts, info.retry_count) == (2, 1)


def test_a_row_handed_back_is_as_if_never_claimed() -> None:
    info = new_lookup()
    lifecycle.postpone(claimed(info), 0, SiteTimeout("late"), NO_TRACE)
    info.refresh_from_db()
    before = (info.attempts, info.retry_count, info.error_kind, info.next_attempt_at)

    lifecycle.hand_back(claimed(info), NO_TRACE)

    info.refresh_from_db()
    assert info.status == Status.PENDING
    assert (info.attempts, info.retry_count, info.error_kind, info.next_attempt_at) == before
    assert outcomes(info) == ["SiteTimeout", lifecycle.HANDED_BACK]


def test_a_failure_without_further_tries_ends_the_request() -> None:
    info = new_lookup()

    lifecycle.fail(claimed(info), Status.ERROR, UnknownPage("?", page_text="odd"), NO_TRACE)

    info.refresh_from_db()
    assert (info.status, info.error_kind, info.raw_response) == (Status.ERROR, "UnknownPage", "odd")
    assert info.is_failed


# --- Leases -------------------------------------------------------------------------------------


def test_a_renewed_lease_is_not_lost() -> None:
    info = new_lookup()
    claim = claimed(info)
    expire(info)

    assert lifecycle.renew([claim]) == {claim.token}
    assert not lifecycle.lost_claims().exists()


def test_a_lost_claim_is_taken_back_and_its_late_answer_is_not_written() -> None:
    info = new_lookup()
    late = claimed(info)
    expire(info)
    assert list(lifecycle.lost_claims()) == [info]
    lifecycle.take_back(info, Status.PENDING)
    claimed(info)

    assert lifecycle.renew([late]) == set()
    assert not lifecycle.settle(late, FOUND, Trace("A", 1))

    info.refresh_from_db()
    assert (info.status, info.puesto, info.attempts) == (Status.PROCESSING, "", 2)
    first, second = LookupAttempt.objects.filter(info=info).order_by("id")
    assert (first.outcome, first.solves_paid) == (lifecycle.LEASE_LOST, 1)
    assert (second.outcome, second.ended_at) == ("", None)


def test_an_answer_that_came_before_the_sweep_stays() -> None:
    info = new_lookup()
    claim = claimed(info)
    expire(info)
    lifecycle.settle(claim, FOUND, NO_TRACE)

    assert not lifecycle.take_back(info, Status.PENDING)
    info.refresh_from_db()
    assert info.status == Status.ACTIVE


def test_a_row_in_flight_that_nobody_claimed_is_lost_too() -> None:
    info = new_lookup(status=Status.PROCESSING)

    assert list(lifecycle.lost_claims()) == [info]
    assert lifecycle.take_back(info, Status.PENDING)


def test_the_answer_for_somebody_deleted_meanwhile_is_dropped_quietly() -> None:
    info = new_lookup()
    claim = claimed(info)
    info.user.delete()

    assert lifecycle.renew([claim]) == set()
    assert not lifecycle.settle(claim, FOUND, NO_TRACE)


# --- Asking again -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Status)
def test_only_a_failed_row_can_be_asked_for_again(status: Status) -> None:
    info = new_lookup(status=status, attempts=4, retry_count=3)
    now = timezone.now()

    asked = lifecycle.request_again(info, now)

    info.refresh_from_db()
    assert asked == (status in FAILED)
    if asked:
        assert (info.status, info.attempts, info.retry_count) == (Status.PENDING, 0, 0)
        assert info.refresh_requested_at == info.next_attempt_at == now
    else:
        assert info.status == status
