"""Nothing is kept for longer than the settings say, and nothing goes before."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, models
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone
from django_q.models import Failure
from pytest_django import Settings

from accounts.erasure import cedula_hash
from accounts.models import CustomUser, ErasedAccount, OpenSession, ThrottleCounter
from census.models import (
    BulkRefresh,
    CedulaInfo,
    DataAccess,
    ExportRecord,
    GoneLookup,
    LookupAttempt,
    PurgeRun,
)
from census.privacy import retention
from census.states import Status
from census.wait.card import TYPICAL_LOOKUP_SECONDS, census_card
from census.wait.pace import typical_lookup_seconds
from tests.lookups import claimed, new_lookup
from tests.markup import text
from tests.people import new_person, set_lookup

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2026-11-24T10:00:00-05:00")
LAST_DAY = date(2026, 10, 25)


def attempt(at: datetime, **fields: object) -> LookupAttempt:
    info = CedulaInfo.objects.first() or new_lookup()
    given = {"claim": uuid.uuid4(), "number": 1, "started_at": at, "ended_at": at} | fields
    return LookupAttempt.objects.create(info=info, **given)


def unknown_page(at: datetime) -> CedulaInfo:
    return new_lookup(str(52_000_000 + at.day), raw_response="Sorpresa", updated_at=at)


def bulk(at: datetime) -> BulkRefresh:
    return BulkRefresh.objects.create(requested_by=new_person(), requested_at=at)


def access(at: datetime) -> DataAccess:
    return DataAccess.objects.create(person=new_person(), action="OPENED", at=at)


def export(at: datetime) -> ExportRecord:
    return ExportRecord.objects.create(
        exported_by=new_person(), exported_at=at, content="referidos", format="csv", row_count=3
    )


def admin_action(at: datetime) -> LogEntry:
    return LogEntry.objects.create(user=new_person(), action_time=at, action_flag=ADDITION)


def gone_lookup(at: datetime) -> GoneLookup:
    return GoneLookup.objects.create(user_id=1, referrer_id=2, gone_at=at)


def proof(at: datetime) -> ErasedAccount:
    return ErasedAccount.objects.create(cedula_hash="0" * 64, erased_at=at, consents=[])


def session(at: datetime) -> Session:
    return Session.objects.create(session_key=uuid.uuid4().hex, session_data="", expire_date=at)


def open_session(at: datetime) -> OpenSession:
    return OpenSession.objects.create(user=new_person(), session_key=uuid.uuid4().hex, began_at=at)


def counter(at: datetime) -> ThrottleCounter:
    return ThrottleCounter.objects.create(key=uuid.uuid4().hex, expires_at=at)


def failed_task(at: datetime) -> Failure:
    return Failure.objects.create(
        id=uuid.uuid4().hex, name="x", func="f", args=(1,), started=at, stopped=at, success=False
    )


def purge_run(at: datetime) -> PurgeRun:
    return PurgeRun.objects.create(started_at=at)


KEPT_FOR: dict[Callable[[datetime], models.Model], tuple[str, timedelta]] = {
    attempt: ("attempts", timedelta(days=90)),
    bulk: ("bulk_refreshes", timedelta(days=90)),
    access: ("accesses", timedelta(days=365)),
    export: ("exports", timedelta(days=365)),
    admin_action: ("admin_log", timedelta(days=365)),
    gone_lookup: ("gone_lookups", timedelta(days=1)),
    proof: ("proofs", timedelta(days=1825)),
    session: ("sessions", timedelta(0)),
    open_session: ("open_sessions", timedelta(days=1)),
    counter: ("throttle_counters", timedelta(0)),
    failed_task: ("failed_tasks", timedelta(days=30)),
    purge_run: ("purge_runs", timedelta(days=365)),
}


@pytest.mark.parametrize("new", KEPT_FOR, ids=lambda new: new.__name__)
def test_what_is_too_old_goes_and_nothing_else(new: Callable[[datetime], models.Model]) -> None:
    name, kept_for = KEPT_FOR[new]
    old = new(NOW - kept_for - timedelta(minutes=1))
    young = new(NOW - kept_for + timedelta(minutes=1))
    kind: type[Any] = type(old)

    report = {line.name: line for line in retention.purge(NOW)}

    assert list(kind.objects.values_list("pk", flat=True)) == [young.pk]
    assert {line.name: line.number for line in report.values() if line.number} == {name: 1}
    assert report[name].limit == NOW - kept_for


def test_every_rule_but_those_of_the_campaigns_end_is_tested_above() -> None:
    names = {name for name, _ in KEPT_FOR.values()}
    assert {rule.name for rule in retention.rules(NOW)} == names | {"raw_responses"}


def test_the_text_of_an_unknown_page_goes_and_its_lookup_stays() -> None:
    old = unknown_page(NOW - timedelta(days=7, minutes=1))
    young = unknown_page(NOW - timedelta(days=6))

    retention.purge(NOW)

    kept = CedulaInfo.objects.in_bulk()
    assert (kept[old.pk].raw_response, kept[young.pk].raw_response) == ("", "Sorpresa")
    assert kept[old.pk].updated_at == old.updated_at  # for the pages that are open it is the same


def test_zero_days_are_until_the_next_deletion(settings: Settings) -> None:
    settings.RETENTION_ATTEMPTS_DAYS = 0
    attempt(NOW - timedelta(minutes=1))

    retention.purge(NOW)

    assert not LookupAttempt.objects.exists()


def test_a_dry_run_counts_what_would_go_and_deletes_nothing() -> None:
    for new, (_, kept_for) in KEPT_FOR.items():
        new(NOW - kept_for - timedelta(minutes=1))
    unknown_page(NOW - timedelta(days=8))

    counted = retention.purge(NOW, dry_run=True)

    assert retention.purge(NOW, dry_run=True) == counted
    assert {line.number for line in counted} == {1}
    assert retention.purge(NOW) == counted


def test_an_open_session_of_a_session_that_lives_stays() -> None:
    living = session(NOW + timedelta(days=1))
    kept = OpenSession.objects.create(
        user=new_person(), session_key=living.session_key, began_at=NOW - timedelta(days=9)
    )

    retention.purge(NOW)

    assert OpenSession.objects.get() == kept


def test_a_bulk_of_which_something_is_on_its_way_stays() -> None:
    old = bulk(NOW - timedelta(days=91))
    info = new_lookup(bulk=old)

    retention.purge(NOW)
    assert BulkRefresh.objects.get() == old

    CedulaInfo.objects.update(status=Status.ACTIVE)
    retention.purge(NOW)
    info.refresh_from_db()
    assert (info.bulk, info.status) == (None, Status.ACTIVE)


class TestAttempts:
    def test_the_line_of_a_lookup_that_runs_stays(self) -> None:
        claimed(new_lookup())

        retention.purge(timezone.now() + timedelta(days=100))

        assert LookupAttempt.objects.get().ended_at is None

    def test_a_line_that_nobody_closed_goes(self) -> None:
        attempt(NOW - timedelta(days=91), ended_at=None)

        retention.purge(NOW)

        assert not LookupAttempt.objects.exists()

    def test_the_median_and_the_cards_go_on_without_any(self) -> None:
        person = new_person()
        info = CedulaInfo.objects.get(user=person)
        claimed(info)
        now = timezone.now()
        LookupAttempt.objects.update(
            ended_at=now, started_at=now - timedelta(days=91), outcome=Status.ACTIVE
        )
        set_lookup(person, status=Status.ACTIVE, claim=None, lease_expires_at=None)
        assert typical_lookup_seconds() > TYPICAL_LOOKUP_SECONDS

        retention.purge(timezone.now())

        assert typical_lookup_seconds() == TYPICAL_LOOKUP_SECONDS
        assert census_card(person).info == info
        waiting = census_card(new_person())
        assert waiting.seconds_left is not None


class TestBatches:
    @pytest.mark.django_db(transaction=True)
    def test_many_rows_go_in_several_short_transactions(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retention, "BATCH", 2)
        for _ in range(5):
            gone_lookup(NOW - timedelta(days=2))
        sizes = []

        def watched(rows: QuerySet[GoneLookup]) -> int:
            assert not connection.in_atomic_block  # others may write between two batches
            sizes.append(rows.count())
            return rows.delete()[0]

        rule = next(rule for rule in retention.rules(NOW) if rule.name == "gone_lookups")
        monkeypatch.setattr(retention, "rules", lambda _: [replaced(rule, watched)])

        assert retention.purge(NOW)[0].number == 5
        assert sizes == [2, 2, 1]

    def test_no_batch_is_larger_than_500_rows(self) -> None:
        assert retention.BATCH <= 500

    def test_what_was_touched_meanwhile_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        info = unknown_page(NOW - timedelta(days=8))
        rule = next(rule for rule in retention.rules(NOW) if rule.name == "raw_responses")

        def touched(rows: QuerySet[CedulaInfo]) -> int:
            CedulaInfo.objects.filter(pk=info.pk).update(raw_response="Otra", updated_at=NOW)
            return rule.delete(rows)

        monkeypatch.setattr(retention, "rules", lambda _: [replaced(rule, touched)])

        assert retention.purge(NOW)[0].number == 0
        info.refresh_from_db()
        assert info.raw_response == "Otra"


def replaced(rule: retention.Rule, delete: Callable[[QuerySet[Any]], int]) -> retention.Rule:
    return retention.Rule(rule.name, rule.limit, rule.rows, delete)


class TestTheEndOfTheCampaign:
    @pytest.fixture(autouse=True)
    def ends(self, settings: Settings) -> None:
        settings.CAMPAIGN_ENDS_ON = LAST_DAY
        settings.RETENTION_AFTER_CAMPAIGN_DAYS = 30  # so that 24 November is the last day

    def test_until_the_last_of_the_days_after_it_everybody_stays(
        self, person: CustomUser, leader: CustomUser
    ) -> None:
        retention.purge(datetime.fromisoformat("2026-11-24T23:59:59-05:00"))

        assert {person, leader} < set(CustomUser.objects.all())

    def test_then_persons_and_leaders_go_and_superusers_stay(
        self, person: CustomUser, leader: CustomUser, superadmin: CustomUser
    ) -> None:
        CedulaInfo.objects.create(user=superadmin, status=Status.ACTIVE, puesto="IE La Unión")
        access(NOW)
        export(NOW)
        attempt(NOW)
        failed_task(NOW)

        retention.purge(datetime.fromisoformat("2026-11-25T00:00:00-05:00"))

        assert list(CustomUser.objects.all()) == [superadmin]
        proofs = {proof.cedula_hash: proof for proof in ErasedAccount.objects.all()}
        consents = proofs[cedula_hash(person.cedula)].consents
        assert [consent["withdrawn_at"] is not None for consent in consents] == [True]
        assert cedula_hash(leader.cedula) in proofs
        kinds: tuple[type[Any], ...] = (
            CedulaInfo,
            LookupAttempt,
            DataAccess,
            ExportRecord,
            Failure,
        )
        for kind in kinds:
            assert not kind.objects.exists(), kind

    def test_the_proof_outlasts_it_and_then_goes_too(
        self, person: CustomUser, settings: Settings
    ) -> None:
        after = NOW + timedelta(days=2)
        with time_machine.travel(after, tick=False):
            retention.purge(after)
            assert ErasedAccount.objects.exists()

        retention.purge(after + timedelta(days=settings.RETENTION_PROOF_DAYS, seconds=1))

        assert not ErasedAccount.objects.exists()
        assert not CustomUser.objects.filter(pk=person.pk).exists()

    def test_the_log_warns_of_it_for_two_weeks(self, caplog: pytest.LogCaptureFixture) -> None:
        with time_machine.travel(NOW - timedelta(days=14), tick=False):
            retention.perform(PurgeRun.objects.create())
        assert "account" not in caplog.text
        with time_machine.travel(NOW - timedelta(days=13), tick=False):
            retention.perform(PurgeRun.objects.create())

        assert "from 2026-11-25 on, every account but superusers' is deleted" in caplog.text


class TestOnceADay:
    def test_of_several_clusters_one_does_it(self) -> None:
        assert retention.begin_daily_purge(NOW) is not None
        assert retention.begin_daily_purge(NOW + timedelta(seconds=1)) is None

    def test_the_next_day_it_is_done_again(self) -> None:
        today = retention.begin_daily_purge(NOW)
        tomorrow = retention.begin_daily_purge(NOW + timedelta(days=1))

        assert today is not None
        assert tomorrow is not None
        assert (today.day, tomorrow.day) == (date(2026, 11, 24), date(2026, 11, 25))

    def test_what_its_process_did_not_end_is_begun_again_by_one(self) -> None:
        lost = retention.begin_daily_purge(NOW)
        later = NOW + timedelta(hours=1, minutes=1)

        assert retention.begin_daily_purge(later) == lost
        assert retention.begin_daily_purge(later) is None

    def test_what_has_ended_is_not_begun_again(self) -> None:
        run = retention.begin_daily_purge(NOW)
        assert run is not None
        retention.perform(run)

        assert retention.begin_daily_purge(NOW + timedelta(hours=5)) is None


class TestTheCommand:
    def run(self, *arguments: str) -> list[list[str]]:
        out = StringIO()
        call_command("purge", *arguments, stdout=out)
        return [line.split() for line in out.getvalue().splitlines()]

    def test_it_prints_each_rule_with_its_limit_and_number(self) -> None:
        with time_machine.travel(NOW, tick=False):
            attempt(NOW - timedelta(days=91))
            lines = self.run("--dry-run")
            assert ["attempts", "2026-08-26", "10:00", "1"] in lines
            assert LookupAttempt.objects.exists()
            assert not PurgeRun.objects.exists()

            assert ["attempts", "2026-08-26", "10:00", "1"] in self.run()
        assert not LookupAttempt.objects.exists()

    def test_it_says_when_everybody_goes(self, settings: Settings) -> None:
        settings.CAMPAIGN_ENDS_ON = date(2090, 1, 1)

        assert "From 2090-02-01 on every account but superusers' is deleted." in [
            " ".join(line) for line in self.run("--dry-run")
        ]


def test_the_administration_shows_when_it_last_ran_and_what_it_deleted(
    client: Client, superadmin: CustomUser
) -> None:
    client.force_login(superadmin)
    attempt(timezone.now() - timedelta(days=91))
    call_command("purge", stdout=StringIO())

    shown = text(client.get("/admin/census/purgerun/"))

    assert "intentos: 1" in shown
