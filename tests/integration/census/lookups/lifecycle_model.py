"""Everybody who touches lookups, in any order, and what must hold after each of their steps.

The rows are the real ones. The model beside them knows what a person would: what the census has
answered, how a row stood when a bulk took it, which claims were made. Actors keep what they read,
and act on it later: so the machine finds what interleaved processes would.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

import time_machine
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from accounts.consents import ClientDetails, give_consent, withdraw_consent
from accounts.erasure import erase_account
from accounts.models import CustomUser
from census import clock
from census.lookups import lifecycle, refresh, retry, sweep
from census.lookups.answers import answer
from census.lookups.lifecycle import Claim
from census.lookups.refresh import RefreshOutcome
from census.models import STAGE_FIELDS, BulkRefresh, CedulaInfo, GoneLookup, LookupAttempt
from census.operation import acts
from census.privacy import retention
from census.referidos import bulk
from census.states import FAILED, SETTLED, Status
from census.worker import recording
from scraper import errors
from scraper.gate import visits
from scraper.gate.visits import Gate
from scraper.results import Cancelled, CancelReason, Found, Lookup, NotFound
from scraper.turn import LookupFuture, Stage
from tests.integration.census.lookups.lifecycle_invariants import (
    check_answer,
    check_attempts,
    check_claims,
    check_reachable,
)
from tests.people import new_person, new_superadmin

PEOPLE = 3
"""Referidos of one leader: enough for rows in every state at once, few enough to meet again."""

ANSWERS: list[Lookup] = [
    Found("CAUCA", "POPAYÁN", "COLEGIO EL LAGO", "CALLE 5 # 4-3", "12"),
    Cancelled(CancelReason.DECEASED, "Cancelada por Muerte"),
    Cancelled(CancelReason.OTHER, "Cancelada por Extranjería"),
    NotFound(),
]
FAILURES: list[type[errors.ScraperError]] = [
    errors.SiteTimeout,
    errors.SiteBlocked,
    errors.SiteUnavailable,
    errors.CaptchaRejected,
    errors.UnknownPage,
    errors.BrowserCrashed,
    errors.BrowserUnavailable,
    errors.TurnMissed,
    errors.LookupCancelled,
    errors.SolverOutOfFunds,
    errors.SolverLimitReached,
]
HISTORIES: list[list[type[errors.ScraperError]]] = [
    [],
    [errors.UnknownPage],
    [errors.SiteBlocked],
    [errors.SiteTimeout] * 4,
]
"""Waits, failed at once, waits for its second attempt, failed after all of them."""
SECONDS = st.sampled_from([1.0, 11.0, 29.0, 31.0, 61.0, 301.0, 901.0])
"""On both sides of the lease, the cooldown and each delay."""

ANSWER_FIELDS = (*answer(ANSWERS[0])[1], "status", "fetched_at")
KEPT_FIELDS = (*ANSWER_FIELDS, "attempts", "retry_count", "error_kind", "error_message")


def future_of(outcome: Lookup | errors.ScraperError) -> LookupFuture:
    future = LookupFuture()
    if isinstance(outcome, errors.ScraperError):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
    return future


class LookupsOfALeader(RuleBasedStateMachine):
    """A leader, their referidos, two workers, a sweep, the daily deletion, and time."""

    claims = Bundle("claims")
    reads = Bundle("reads")
    """Rows as somebody read them, to act on later."""

    def __init__(self) -> None:
        super().__init__()
        self.undo = ExitStack()
        self.time = self.undo.enter_context(time_machine.travel("2026-11-24T12:00:00Z", tick=False))
        # PostgreSQL's clock goes its own way: here there is one, as on a host with SQLite.
        for module in (visits, clock):
            self.undo.enter_context(mock.patch.object(module, "database_now", time.time))
        self.undo.enter_context(transaction.atomic())
        self.answered: dict[int, dict[str, Any]] = {}
        self.before_bulk: dict[int, CedulaInfo] = {}
        """By row, how it stood when the bulk that it waits in took it."""
        self.claimed: dict[int, set[uuid.UUID]] = {}

    def teardown(self) -> None:
        try:
            self.everything_ends()
        finally:
            transaction.set_rollback(True)
            self.undo.close()

    @initialize(
        target=claims,
        histories=st.lists(st.sampled_from(HISTORIES), min_size=PEOPLE, max_size=PEOPLE),
    )
    def people_register(self, histories: list[list[type[errors.ScraperError]]]) -> Any:
        """Some of them a while ago: what came of it is given."""
        self.leader = new_person(role=CustomUser.Role.LEADER)
        CedulaInfo.objects.filter(user=self.leader).delete()
        self.operator = new_superadmin()
        begun = []
        for history in histories:
            person = new_person(referred_by=self.leader)
            for failure in history:
                begun.append(self.claim(person.pk))
                self.record(begun[-1], failure("It went wrong."))
                self.time.shift(max(settings.RETRY_DELAYS_SECONDS) + 1)
        return multiple(*begun)

    def referidos(self) -> list[CustomUser]:
        return list(CustomUser.objects.filter(referred_by=self.leader).order_by("pk"))

    def someone(self, number: int) -> CustomUser:
        people = self.referidos()
        return people[number % len(people)]

    # --- Time and the sweep -------------------------------------------------------------------

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        self.time.shift(seconds)

    @rule()
    def the_sweep_comes(self) -> None:
        sweep.take_back_lost_claims()
        sweep.call_off_what_came_back()
        assert not lifecycle.lost_claims().exists()

    @rule(claim=claims)
    def a_slow_worker_renews_while_the_sweep_is_at_work(self, claim: Claim) -> None:
        self.time.shift(lifecycle.LEASE.total_seconds() + 1)
        lost = list(lifecycle.lost_claims())
        renewed = lifecycle.renew([claim])
        for info in lost:
            assert sweep.take_back(info) == (info.claim not in renewed)

    @rule(number=st.integers(0, PEOPLE))
    def a_page_resets_what_is_stale(self, number: int) -> None:
        info = CedulaInfo.objects.filter(user=self.someone(number)).first()
        if info is not None:
            info.reset_if_stale()
            assert not info.is_stale() or lifecycle.due_rows().filter(pk=info.pk).exists()

    @rule()
    def what_is_too_old_is_deleted(self) -> None:
        """The deletion of a day on which every line of the log is too old."""
        running = set(LookupAttempt.objects.filter(ended_at=None).values_list("claim", flat=True))
        retention.purge(timezone.now() + timedelta(days=settings.RETENTION_ATTEMPTS_DAYS + 1))
        assert set(LookupAttempt.objects.values_list("claim", flat=True)) == running
        assert not GoneLookup.objects.exists()
        self.claimed = {pk: tokens & running for pk, tokens in self.claimed.items()}

    # --- Workers ------------------------------------------------------------------------------

    def claim(self, first_user_id: int | None) -> Claim:
        claim = lifecycle.claim_next("worker", first_user_id)
        assert claim is not None
        self.claimed.setdefault(claim.info_id, set()).add(claim.token)
        self.before_bulk.pop(claim.info_id, None)
        return claim

    @rule(target=claims, number=st.none() | st.integers(0, PEOPLE))
    def a_worker_claims(self, number: int | None) -> Any:
        due = set(lifecycle.due_rows().values_list("pk", flat=True))
        first = None if number is None else self.someone(number).pk
        if not due:
            assert lifecycle.claim_next("worker", first) is None
            return multiple()
        claim = self.claim(first)
        assert claim.info_id in due
        return claim

    @rule(target=claims)
    def a_worker_claims_all_that_is_due(self) -> Any:
        return multiple(*(self.claim(None) for _ in range(lifecycle.due_rows().count())))

    @rule(claim=claims)
    def a_worker_renews(self, claim: Claim) -> None:
        held = self.holds(claim)
        assert lifecycle.renew([claim]) == ({claim.token} if held else set())

    @rule(claim=claims, stage=st.sampled_from(list(STAGE_FIELDS)))
    def a_worker_tells_what_it_does(self, claim: Claim, stage: Stage) -> None:
        rows = list(CedulaInfo.objects.order_by("pk").values())
        assert lifecycle.note_stages(claim, {stage: timezone.now()}) == self.holds(claim)
        assert list(CedulaInfo.objects.order_by("pk").values()) == rows

    @rule(claim=claims, lookup=st.sampled_from(ANSWERS))
    def an_answer_comes(self, claim: Claim, lookup: Lookup) -> None:
        held = self.holds(claim)
        self.record(claim, lookup)
        if held:
            status, fields = answer(lookup)
            self.answered[claim.info_id] = fields | {
                "status": status,
                "fetched_at": timezone.now(),
            }

    @rule(claim=claims, failure=st.sampled_from(FAILURES))
    def a_failure_comes(self, claim: Claim, failure: type[errors.ScraperError]) -> None:
        held = self.holds(claim)
        self.record(claim, failure("It went wrong."))
        if held:
            counted = not issubclass(failure, retry.NOT_THE_ROWS_FAULT)
            attempts = CedulaInfo.objects.get(pk=claim.info_id).attempts
            assert attempts == claim.attempt - (not counted)

    def holds(self, claim: Claim) -> bool:
        return CedulaInfo.objects.filter(pk=claim.info_id, claim=claim.token).exists()

    def record(self, claim: Claim, outcome: Lookup | errors.ScraperError) -> None:
        recording.record(
            claim,
            future_of(outcome),
            Gate(settings.LOOKUP_INTERVAL_SECONDS),
            settings.RETRY_DELAYS_SECONDS,
        )

    # --- People -------------------------------------------------------------------------------

    @rule(target=reads, number=st.integers(0, PEOPLE))
    def somebody_reads_a_row(self, number: int) -> CedulaInfo | None:
        rows = CedulaInfo.objects.select_related("user")  # as the views read it
        return rows.filter(user=self.someone(number)).first()

    @rule(info=consumes(reads))
    def somebody_asks_again(self, info: CedulaInfo | None) -> None:
        if info is None:
            return
        stored = CedulaInfo.objects.filter(pk=info.pk).first()
        outcome = refresh.request_refresh(info).outcome
        if outcome is RefreshOutcome.QUEUED:
            assert stored is not None
            assert stored.is_failed
            self.before_bulk.pop(info.pk, None)

    @rule(chosen=st.sets(st.integers(0, PEOPLE - 1), min_size=1))
    def the_leader_asks_for_many(self, chosen: set[int]) -> None:
        people = [self.someone(number).pk for number in chosen]
        stood = {row.pk: row for row in CedulaInfo.objects.filter(status__in=FAILED)}
        asked = bulk.refresh_ids(self.leader, people)
        queued = CedulaInfo.objects.filter(pk__in=stood, status=Status.PENDING)
        assert asked.queued == len(queued)
        assert asked.queued + sum(asked.skipped.values()) == len(set(people))
        for row in queued:
            self.before_bulk[row.pk] = stood[row.pk]

    @rule()
    def the_leader_calls_it_off(self) -> None:
        running = bulk._running(self.leader)  # noqa: SLF001  which one it is, is not told
        waits = CedulaInfo.objects.filter(bulk=running, status=Status.PENDING)
        rows = set(waits.values_list("pk", flat=True)) if running else set()
        others = CedulaInfo.objects.exclude(pk__in=rows).order_by("pk").values_list("pk", "status")
        stays = list(others)
        assert bulk.cancel(self.leader) == len(rows)
        for row in CedulaInfo.objects.filter(pk__in=rows):
            assert row.is_failed
            before = self.before_bulk.pop(row.pk, None)
            for name in KEPT_FIELDS if before is not None else ():
                assert getattr(row, name) == getattr(before, name)
        assert stays == list(others.all())

    @rule()
    def the_leader_puts_the_summary_away(self) -> None:
        bulk.dismiss(self.leader)

    @rule(chosen=st.sets(st.integers(0, PEOPLE - 1), min_size=1))
    def the_operator_asks_for_many(self, chosen: set[int]) -> None:
        people = [self.someone(number).pk for number in chosen]
        rows = CedulaInfo.objects.filter(user__in=people)
        failed = {row.pk for row in rows.filter(lifecycle.may_be_looked_up(), status__in=FAILED)}
        others = CedulaInfo.objects.exclude(pk__in=failed).order_by("pk")
        stays, number = list(others.values()), rows.count()
        asked = acts.request_again(self.operator, rows)
        assert asked.queued == len(failed)
        assert asked.queued + sum(asked.skipped.values()) == number
        assert stays == list(others.values())
        for pk in failed:
            assert lifecycle.due_rows().filter(pk=pk).exists()
            self.before_bulk.pop(pk, None)

    @rule(number=st.integers(0, PEOPLE))
    def somebody_withdraws_and_may_authorise_again(self, number: int) -> None:
        person = self.someone(number)
        if person.has_consent:
            with self.only_the_lookup_goes(person):
                withdraw_consent(person)
        else:
            give_consent(person, ClientDetails())

    @precondition(lambda self: len(self.referidos()) > 1)
    @rule(number=st.integers(0, PEOPLE))
    def somebody_leaves(self, number: int) -> None:
        person = self.someone(number)
        with self.only_the_lookup_goes(person):
            erase_account(person)
        assert not CustomUser.objects.filter(pk=person.pk).exists()

    @contextmanager
    def only_the_lookup_goes(self, person: CustomUser) -> Iterator[None]:
        """Delete `person`'s answer, and notify their leader's open pages."""
        told = GoneLookup.objects.filter(user_id=person.pk, referrer_id=self.leader.pk)
        others = CedulaInfo.objects.exclude(user_id=person.pk).order_by("pk")
        stays, before = list(others.values()), told.count()
        had_one = CedulaInfo.objects.filter(user_id=person.pk).exists()
        yield
        assert not CedulaInfo.objects.filter(user_id=person.pk).exists()
        assert told.count() == before + had_one
        assert list(others.values()) == stays

    # --- What must hold -----------------------------------------------------------------------

    @invariant()
    def everything_holds(self) -> None:
        rows = list(CedulaInfo.objects.prefetch_related("attempt_log"))
        due = set(lifecycle.due_rows().values_list("pk", flat=True))
        for row in rows:
            check_claims(row, self.claimed.get(row.pk, set()))
            check_answer(row, self.answered.get(row.pk))
            check_attempts(row)
            check_reachable(row, due)
        for asked in BulkRefresh.objects.all():
            assert asked.queued >= sum(row.bulk_id == asked.pk for row in rows)

    def everything_ends(self) -> None:
        """From wherever they stand, all requests end, and what failed can be asked for again."""
        for _ in range(len(settings.RETRY_DELAYS_SECONDS) + 1):
            self.time.shift(max(settings.RETRY_DELAYS_SECONDS) + 1)
            sweep.take_back_lost_claims()
            sweep.call_off_what_came_back()
            while (claim := lifecycle.claim_next("worker")) is not None:
                self.record(claim, errors.SiteTimeout("Nothing came."))
        rows = CedulaInfo.objects.select_related("user")
        assert {row.status for row in rows} <= SETTLED | FAILED
        for row in rows:
            if row.is_failed:
                assert refresh.request_refresh(row).outcome is RefreshOutcome.QUEUED
                assert lifecycle.due_rows().filter(pk=row.pk).exists()
        assert not LookupAttempt.objects.filter(ended_at=None).exists()
