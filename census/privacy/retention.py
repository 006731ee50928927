"""Retention rules: how long each kind of data is kept, and the deletion of what is older.

All of it may be interrupted and run again, by several processes at once: the rows themselves tell
what is too old, and short transactions leave the workers time to write between them.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.erasure import erase_account
from accounts.models import CustomUser, ErasedAccount, OpenSession, ThrottleCounter
from census.lookups import wakeups
from census.models import (
    BulkRefresh,
    CedulaInfo,
    DataAccess,
    ExportRecord,
    GoneLookup,
    LookupAttempt,
    PurgeRun,
)
from census.states import IN_FLIGHT, Status

logger = logging.getLogger(__name__)

BATCH = 500
"""Rows in one transaction: a few milliseconds, so that no other writer waits for long."""
A_DAY = timedelta(days=1)
BULKS_KEPT = timedelta(days=90)
FAILED_TASKS_KEPT = timedelta(days=30)
RUNS_KEPT = timedelta(days=365)
GIVEN_UP_AFTER = timedelta(hours=1)
"""A daily deletion that has not ended by then is started again: it failed, or its process died."""
WARNED_BEFORE = timedelta(days=14)
"""From this long before the first deletion, a warning of the campaign's end is logged each day."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of data that is deleted after some time."""

    name: str
    limit: datetime
    """Rows from before are deleted."""
    rows: QuerySet[Any]
    delete: Callable[[QuerySet[Any]], int]
    """Delete these rows, in transactions of its own; return how many."""


@dataclass(frozen=True, slots=True)
class Purged:
    """The result of one rule."""

    name: str
    limit: datetime
    number: int
    """Rows deleted; in a dry run, rows that would be."""


def purge(now: datetime, *, dry_run: bool = False) -> list[Purged]:
    """Delete all that is too old at `now`, or only count it; one result for each rule."""
    return [
        Purged(rule.name, rule.limit, rule.rows.count() if dry_run else _delete_in_batches(rule))
        for rule in rules(now)
    ]


def rules(now: datetime) -> list[Rule]:
    """All rules in the order in which they run: rows that refer to others come first."""
    return [
        *_rules_of_lookups(now),
        *_rules_of_logs(now),
        *_rules_of_leftovers(now),
        *(_rules_after_the_campaign(now) if campaign_is_over(now) else ()),
    ]


def erased_from() -> date | None:
    """The first day on which accounts are deleted; None if no end of the campaign is set."""
    last_day: date | None = settings.CAMPAIGN_ENDS_ON
    if last_day is None:
        return None
    return last_day + timedelta(days=settings.RETENTION_AFTER_CAMPAIGN_DAYS + 1)


def campaign_is_over(now: datetime) -> bool:
    """True if the campaign and the retention days after it are over."""
    first_day = erased_from()
    return first_day is not None and timezone.localdate(now) >= first_day


# --- The rules ----------------------------------------------------------------------------------


def _rules_of_lookups(now: datetime) -> Iterator[Rule]:
    limit = _limit(now, settings.RETENTION_RAW_RESPONSE_DAYS)
    pages = CedulaInfo.objects.filter(updated_at__lt=limit).exclude(raw_response="")
    yield Rule("raw_responses", limit, pages, _empty_raw_response)

    limit = _limit(now, settings.RETENTION_ATTEMPTS_DAYS)
    # The attempt of a running lookup is needed to tell whether its worker lives.
    running = {"ended_at": None, "info__status": Status.PROCESSING}
    attempts = LookupAttempt.objects.filter(started_at__lt=limit).exclude(**running)
    yield Rule("attempts", limit, attempts, _delete)

    limit = now - BULKS_KEPT
    runs = CedulaInfo.objects.filter(bulk=OuterRef("pk"), status__in=IN_FLIGHT)
    bulks = BulkRefresh.objects.filter(~Exists(runs), requested_at__lt=limit)
    yield Rule("bulk_refreshes", limit, bulks, _delete)

    limit = now - A_DAY
    yield Rule("gone_lookups", limit, GoneLookup.objects.filter(gone_at__lt=limit), _delete)


def _rules_of_logs(now: datetime) -> Iterator[Rule]:
    limit = _limit(now, settings.RETENTION_ACCESS_LOG_DAYS)
    yield Rule("accesses", limit, DataAccess.objects.filter(at__lt=limit), _delete)
    yield Rule("exports", limit, ExportRecord.objects.filter(exported_at__lt=limit), _delete)
    yield Rule("admin_log", limit, LogEntry.objects.filter(action_time__lt=limit), _delete)

    limit = _proof_limit(now)
    yield Rule("proofs", limit, ErasedAccount.objects.filter(erased_at__lt=limit), _delete)
    limit = now - RUNS_KEPT
    yield Rule("purge_runs", limit, PurgeRun.objects.filter(started_at__lt=limit), _delete)


def _rules_of_leftovers(now: datetime) -> Iterator[Rule]:
    yield Rule("sessions", now, Session.objects.filter(expire_date__lt=now), _delete)
    # A day, because the session's row is written a moment after the row of OpenSession.
    limit = now - A_DAY
    lives = Session.objects.filter(session_key=OuterRef("session_key"))
    gone = OpenSession.objects.filter(~Exists(lives), began_at__lt=limit)
    yield Rule("open_sessions", limit, gone, _delete)
    counters = ThrottleCounter.objects.filter(expires_at__lt=now)
    yield Rule("throttle_counters", now, counters, _delete)
    limit = now if campaign_is_over(now) else now - FAILED_TASKS_KEPT
    # Failed tasks hold user ids and the texts of exceptions.
    yield Rule("failed_tasks", limit, wakeups.failed_tasks().filter(stopped__lt=limit), _delete)


def _rules_after_the_campaign(now: datetime) -> Iterator[Rule]:
    people = CustomUser.objects.filter(is_superuser=False)
    yield Rule("accounts", now, people, _erase_accounts)
    # Superusers keep their accounts to run the product, but not their own lookups.
    theirs = CedulaInfo.objects.filter(user__is_superuser=True)
    yield Rule("lookups_of_superusers", now, theirs, _delete)


def _limit(now: datetime, days: int) -> datetime:
    """The moment `days` before now; now itself once the campaign is over."""
    return now if campaign_is_over(now) else now - timedelta(days=days)


def _proof_limit(now: datetime) -> datetime:
    # The campaign's end does not shorten it: the proofs must remain afterwards.
    return now - timedelta(days=settings.RETENTION_PROOF_DAYS)


# --- Deletion -----------------------------------------------------------------------------------


def _delete_in_batches(rule: Rule) -> int:
    """Delete in batches, the newest first: leaders after their referidos. Return how many.

    Each batch begins below the one before, so that the loop ends whatever others write meanwhile.
    """
    total, left = 0, rule.rows
    while keys := list(left.order_by("-pk").values_list("pk", flat=True)[:BATCH]):
        total += rule.delete(rule.rows.filter(pk__in=keys))
        left = rule.rows.filter(pk__lt=keys[-1])
    return total


def _delete(rows: QuerySet[Any]) -> int:
    with transaction.atomic():
        _, deleted = rows.delete()
    return deleted.get(rows.model._meta.label, 0)  # without rows deleted by cascade  # noqa: SLF001


def _empty_raw_response(rows: QuerySet[CedulaInfo]) -> int:
    # `updated_at` stays: no page shows this text.
    return rows.update(raw_response="")


def _erase_accounts(rows: QuerySet[CustomUser]) -> int:
    people = list(rows.order_by("-pk"))
    for person in people:
        erase_account(person)  # a transaction each: the proof and the deletion
    return len(people)


# --- Once a day ---------------------------------------------------------------------------------


def begin_daily_purge(now: datetime) -> PurgeRun | None:
    """Today's run, for the first process that asks; None for all others.

    A run that has not ended after GIVEN_UP_AFTER is given out again.
    """
    day = timezone.localdate(now)
    run, is_new = PurgeRun.objects.get_or_create(day=day, defaults={"started_at": now})
    if is_new:
        return run
    lost = PurgeRun.objects.filter(pk=run.pk, ended_at=None, started_at__lt=now - GIVEN_UP_AFTER)
    return run if lost.update(started_at=now) else None


def perform(run: PurgeRun) -> list[Purged]:
    """Delete all that is too old, and record the numbers in `run` and the log."""
    now = timezone.now()
    _warn_of_campaign_end(now)
    report = purge(now)
    run.deleted = {purged.name: purged.number for purged in report if purged.number}
    run.ended_at = timezone.now()
    run.save(update_fields=["deleted", "ended_at"])
    counts = ", ".join(f"{name} {number}" for name, number in run.deleted.items())
    logger.info("Too old and deleted: %s.", counts or "nothing")
    return report


def _warn_of_campaign_end(now: datetime) -> None:
    first_day = erased_from()
    if first_day is not None and timezone.localdate(now) >= first_day - WARNED_BEFORE:
        logger.warning(
            "The campaign ends: from %s on, every account but superusers' is deleted each day."
            " CAMPAIGN_ENDS_ON and RETENTION_AFTER_CAMPAIGN_DAYS say so.",
            first_day,
        )
