"""A refresh of many that is called off: what waits goes back to what it was, the rest goes on."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.models import CustomUser
from census.lookups import lifecycle, sweep
from census.lookups.lifecycle import LEASE_LOST, Claim
from census.lookups.refresh import request_refresh
from census.models import BulkRefresh, CedulaInfo, LookupAttempt
from census.referidos import bulk
from census.states import FAILED, Status
from scraper.errors import BrowserCrashed, ScraperError, SiteBlocked, SiteTimeout
from scraper.results import Found
from tests.crowds import new_referidos
from tests.lookups import NO_TRACE, expire
from tests.people import new_person

pytestmark = pytest.mark.django_db

FOUND = Found("CAUCA", "POPAYÁN", "IE SOL", "", "7")
WHAT_A_FAILURE_LEFT = (
    *("status", "attempts", "retry_count", "error_kind", "error_message", "raw_response"),
    *("departamento", "municipio", "puesto", "mesa", "fetched_at", "claim", "lease_expires_at"),
)


@pytest.fixture
def leader(db: None) -> CustomUser:
    """A leader who has brought nobody yet, and nothing is due."""
    leader = new_person("Amparo Quintero Díaz", role=CustomUser.Role.LEADER)
    CedulaInfo.objects.all().delete()
    return leader


def begun(leader: CustomUser, number: int = 1, **fields: Any) -> list[int]:
    """The user ids of new referidos whose failed lookups a running bulk has put into the queue."""
    failure = {"status": Status.TIMEOUT, "error_kind": "SiteTimeout", "attempts": 4}
    lookup = failure | {"retry_count": 3, **fields}
    ids = [person.pk for person in new_referidos(leader, [lookup] * number)]
    assert bulk.refresh_ids(leader, ids).queued == number
    return ids


def claim(user_id: int) -> Claim:
    claim = lifecycle.claim_next("worker", user_id)
    assert claim is not None
    assert claim.user_id == user_id
    return claim


def lookup_of(user_id: int) -> CedulaInfo:
    return CedulaInfo.objects.get(user=user_id)


@pytest.mark.parametrize("attempts", [0, 1, 4])
@pytest.mark.parametrize("status", sorted(FAILED))
def test_what_was_never_claimed_is_again_what_it_was(
    leader: CustomUser, status: Status, attempts: int
) -> None:
    (person,) = new_referidos(
        leader,
        [
            {
                "status": status,
                "attempts": attempts,
                "retry_count": max(attempts - 1, 0),
                "error_kind": "UnknownPage",
                "error_message": "What?",
                "raw_response": "odd",
            }
        ],
    )
    before = CedulaInfo.objects.values(*WHAT_A_FAILURE_LEFT).get()
    bulk.refresh_ids(leader, [person.pk])

    assert bulk.cancel(leader) == 1

    assert CedulaInfo.objects.values(*WHAT_A_FAILURE_LEFT).get() == before
    assert not lifecycle.due_rows().exists()


def test_each_goes_back_to_its_own_state(leader: CustomUser) -> None:
    ids = [*begun(leader, 2, status=Status.BLOCKED), *begun(leader), *begun(leader, 2)]

    assert bulk.cancel(leader) == 5

    states = [lookup_of(user_id).status for user_id in ids]
    assert states == [*[Status.BLOCKED] * 2, *[Status.TIMEOUT] * 3]


def test_what_is_being_looked_up_goes_on_and_its_answer_counts(leader: CustomUser) -> None:
    claimed, waiting = begun(leader, 2)
    held = claim(claimed)

    assert bulk.cancel(leader) == 1

    assert lookup_of(claimed).status == Status.PROCESSING
    assert lookup_of(waiting).status == Status.TIMEOUT
    progress = bulk.progress_of(leader)
    assert progress is not None
    assert (progress.left, progress.dropped) == (1, 1)

    assert lifecycle.settle(held, FOUND, NO_TRACE)
    progress = bulk.progress_of(leader)
    assert progress is not None
    assert (progress.done, progress.left, progress.is_running) == (1, 0, False)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (SiteTimeout("late"), Status.TIMEOUT),
        (SiteBlocked("no"), Status.BLOCKED),
        (BrowserCrashed("gone"), Status.ERROR),
    ],
)
def test_what_waits_for_another_try_ends_as_its_last_failure_has_it(
    leader: CustomUser, error: ScraperError, status: Status
) -> None:
    (user_id,) = begun(leader, status=Status.ERROR, error_kind="UnknownPage")
    lifecycle.postpone(claim(user_id), 600, error, NO_TRACE)

    assert bulk.cancel(leader) == 1

    info = lookup_of(user_id)
    assert (info.status, info.attempts, info.error_kind) == (status, 1, type(error).__name__)


# --- Back in the queue after the cancel ---------------------------------------------------------


def test_a_row_that_is_handed_back_later_is_what_it_was_before_the_bulk(leader: CustomUser) -> None:
    (user_id,) = begun(leader)
    held = claim(user_id)
    assert bulk.cancel(leader) == 0
    lifecycle.hand_back(held, NO_TRACE)

    assert sweep.call_off_what_came_back() == 1

    info = lookup_of(user_id)
    assert (info.status, info.attempts, info.retry_count) == (Status.TIMEOUT, 4, 3)
    assert sweep.call_off_what_came_back() == 0


def test_a_row_that_is_postponed_later_ends_with_that_failure(leader: CustomUser) -> None:
    (user_id,) = begun(leader)
    held = claim(user_id)
    bulk.cancel(leader)
    lifecycle.postpone(held, 60, SiteBlocked("no"), NO_TRACE)

    assert sweep.call_off_what_came_back() == 1

    assert lookup_of(user_id).status == Status.BLOCKED


def test_a_row_whose_worker_died_later_ends_too(leader: CustomUser) -> None:
    (user_id,) = begun(leader)
    claim(user_id)
    bulk.cancel(leader)
    expire(lookup_of(user_id))
    sweep.take_back_lost_claims()

    assert sweep.call_off_what_came_back() == 1

    info = lookup_of(user_id)
    assert (info.status, info.error_kind) == (Status.ERROR, LEASE_LOST)


def test_the_sweep_leaves_bulks_that_run_and_people_who_wait_alone(leader: CustomUser) -> None:
    begun(leader)
    new_person()

    assert sweep.call_off_what_came_back() == 0
    assert lifecycle.due_rows().count() == 2


def test_who_is_asked_for_again_after_the_cancel_stays_in_the_line(leader: CustomUser) -> None:
    one, other = begun(leader, 2)
    lifecycle.postpone(claim(one), 600, SiteTimeout("late"), NO_TRACE)
    bulk.cancel(leader)
    CedulaInfo.objects.update(refresh_requested_at=None)

    request_refresh(lookup_of(one))
    bulk.refresh_ids(leader, [other])

    assert sweep.call_off_what_came_back() == 0
    assert {lookup_of(one).status, lookup_of(other).status} == {Status.PENDING}
    assert BulkRefresh.objects.count() == 2


# --- Whose, and how often -----------------------------------------------------------------------


def test_a_cancel_touches_neither_another_leader_nor_who_was_asked_for_alone(
    leader: CustomUser, stranger: CustomUser
) -> None:
    (mine,) = begun(leader)
    (theirs,) = begun(stranger)
    newcomer = new_person(referred_by=leader)

    assert bulk.cancel(leader) == 1

    assert lookup_of(mine).status == Status.TIMEOUT
    assert lookup_of(theirs).status == Status.PENDING
    assert lookup_of(newcomer.pk).status == Status.PENDING


def test_there_is_nothing_to_cancel_twice(leader: CustomUser) -> None:
    assert bulk.cancel(leader) == 0
    begun(leader)

    assert bulk.cancel(leader) == 1
    assert bulk.cancel(leader) == 0


# --- At the same moment -------------------------------------------------------------------------


def test_a_row_claimed_between_two_steps_of_a_cancel_goes_on(
    leader: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = begun(leader, 3)
    step = lifecycle.move
    held: list[Claim] = []

    def claim_first(*args: Any, **changes: Any) -> int:
        if args[1] == Status.PENDING and args[2] in FAILED and not held:
            held.append(claim(ids[1]))
        return step(*args, **changes)

    monkeypatch.setattr(lifecycle, "move", claim_first)

    assert bulk.cancel(leader) == 2

    assert [lookup_of(user_id).status for user_id in ids] == [
        Status.TIMEOUT,
        Status.PROCESSING,
        Status.TIMEOUT,
    ]
    assert lifecycle.settle(held[0], FOUND, NO_TRACE)


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_while_a_bulk_is_called_off_keep_what_they_hold(
    leader: CustomUser,
) -> None:
    ids = begun(leader, 60)
    start = threading.Barrier(3)

    def claim_all(worker: str) -> list[Claim]:
        start.wait()
        try:
            return list(iter(lambda: lifecycle.claim_next(worker), None))
        finally:
            connection.close()

    def call_off() -> int:
        start.wait()
        try:
            return bulk.cancel(leader)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        workers = [pool.submit(claim_all, name) for name in ("a", "b")]
        called_off = pool.submit(call_off).result()
    held = [claim for worker in workers for claim in worker.result()]

    assert len(held) + called_off == len(ids)
    assert CedulaInfo.objects.filter(status=Status.TIMEOUT, claim=None).count() == called_off
    assert all(lifecycle.settle(claim, FOUND, NO_TRACE) for claim in held)
    assert LookupAttempt.objects.filter(outcome=Status.ACTIVE).count() == len(held)


@pytest.mark.django_db(transaction=True)
def test_what_two_devices_ask_for_at_the_same_moment_is_one_bulk(leader: CustomUser) -> None:
    ids = [person.pk for person in new_referidos(leader, [{"status": Status.TIMEOUT}] * 40)]
    start = threading.Barrier(2)

    def press(wanted: list[int]) -> int:
        start.wait()
        try:
            return bulk.refresh_ids(leader, wanted).queued
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        queued = list(pool.map(press, (ids[:25], ids[15:])))  # some are ticked on both

    assert sum(queued) == 40
    assert [refresh.queued for refresh in BulkRefresh.objects.all()] == [40]
