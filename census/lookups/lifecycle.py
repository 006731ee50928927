"""The moves between the states of a lookup, and the only code that changes `status`.

Every move is one conditional UPDATE on the stored status and claim: of two that race, the second
changes nothing and learns so. A claim opens an entry in the attempt log; the move that ends the
claim closes it.
"""

# size: the next change parts the request from the answer and splits it then.

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from accounts import policy
from accounts.logs import context
from census import clock
from census.lookups.answers import answer, failure
from census.lookups.retry import FINAL_STATUS
from census.models import STAGE_FIELDS, BulkRefresh, CedulaInfo, LookupAttempt
from census.states import FAILED, SETTLED, Priority, Status
from scraper.errors import ScraperError
from scraper.results import Lookup
from scraper.turn import Stage

LEASE = timedelta(seconds=30)
"""A claim that is not renewed expires after this time: three renewals may be missed."""

HANDED_BACK = "HandedBack"
LEASE_LOST = "LeaseLost"

MOVES: Mapping[Status, frozenset[Status]] = {
    # A claim takes a row out of the queue; so does calling off the bulk that put it there.
    Status.PENDING: FAILED | {Status.PROCESSING},
    # An answer, a failure, or back into the queue: another try, a stop, a worker that died.
    Status.PROCESSING: SETTLED | FAILED | {Status.PENDING},
    # A person asks again.
    **dict.fromkeys(FAILED, frozenset({Status.PENDING})),
    # An answer of the census stays.
    **dict.fromkeys(SETTLED, frozenset()),
}


class IllegalMove(ValueError):
    """A move that the table does not have: a mistake in the code, not in the data."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to look one row up and to write its outcome."""

    info_id: int
    user_id: int
    cedula: str
    token: uuid.UUID
    attempt: int
    """1 for the first of the request."""
    request_id: str
    """The id of the request that queued the row: it joins all log entries of the lookup."""
    worker: str
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Trace:
    """The facts of an attempt for the log: its cost, the page it met, its stages."""

    page_shape: str = ""
    solves_paid: int = 0
    stages: Mapping[Stage, datetime] = field(default_factory=dict)
    """The moment at which each began."""


def move(rows: QuerySet[CedulaInfo], old: Status, new: Status, /, **changes: Any) -> int:
    """Move those of `rows` that are in `old` to `new`; return how many were.

    Raise IllegalMove if the table has no such move.
    """
    if new not in MOVES[old]:
        raise IllegalMove(f"{old} → {new}")
    # The database's clock, read by the statement that holds the lock: a page that asks for the
    # changes since a moment must not miss one that was written later than it was dated.
    return rows.filter(status=old).update(status=new, updated_at=Now(), **changes)


# --- Into flight --------------------------------------------------------------------------------


def may_be_looked_up() -> Q:
    """Filter for rows whose person has an open account and a consent that is in force."""
    return Q(
        user__consented_at__isnull=False,
        user__consent_version__in=policy.versions_in_force(),
        user__is_active=True,
    )


def due_rows(now: datetime | None = None) -> QuerySet[CedulaInfo]:
    """The rows that may be looked up now, in the order of the queue."""
    return CedulaInfo.objects.filter(
        may_be_looked_up(),
        status=Status.PENDING,
        next_attempt_at__lte=now or clock.now(),
    ).order_by("priority", "next_attempt_at", "id")


def all_due(now: datetime | None = None) -> QuerySet[CedulaInfo]:
    """The due rows without an order, to be counted; cheap however many wait for a later try."""
    # With the priorities named, the index `cedulainfo_line` is used up to the moment.
    return due_rows(now).order_by().filter(priority__in=Priority.values)


def is_anything_due() -> bool:
    """True if some row may be looked up now."""
    return all_due().exists()


def claim_next(worker: str, first_user_id: int | None = None) -> Claim | None:
    """Claim one due row for `worker`: that user's if it is due, else the next in the queue."""
    if first_user_id is not None:
        claim = _claim_one_of(due_rows().filter(user_id=first_user_id), worker)
        if claim is not None:
            return claim
    return _claim_one_of(due_rows(), worker)


def _claim_one_of(rows: QuerySet[CedulaInfo], worker: str) -> Claim | None:
    while True:
        row = rows.values("id", "user_id", "user__cedula", "attempts", "request_id").first()
        if row is None:
            return None
        claim = Claim(
            info_id=row["id"],
            user_id=row["user_id"],
            cedula=row["user__cedula"],
            token=uuid.uuid4(),
            attempt=row["attempts"] + 1,
            # A command has no request, and rows of older releases have none.
            request_id=row["request_id"] or context.new_request_id(),
            worker=worker,
            begun_at=timezone.now(),
        )
        if _take(claim):
            return claim
        # Another worker took this row first: look for the next one.


def _take(claim: Claim) -> bool:
    with transaction.atomic():
        taken = move(
            CedulaInfo.objects.filter(pk=claim.info_id, attempts=claim.attempt - 1),
            Status.PENDING,
            Status.PROCESSING,
            claim=claim.token,
            lease_expires_at=clock.now() + LEASE,
            retry_count=F("attempts"),  # the old value: attempts after the first
            attempts=F("attempts") + 1,
            request_id=claim.request_id,
        )
        if taken:
            LookupAttempt.objects.create(
                info_id=claim.info_id,
                claim=claim.token,
                number=claim.attempt,
                request_id=claim.request_id,
                worker=claim.worker,
                started_at=claim.begun_at,
            )
    return bool(taken)


def renew(claims: Collection[Claim]) -> set[uuid.UUID]:
    """Extend these claims' leases; return the tokens of those that still hold their row."""
    _held_rows(claims).update(lease_expires_at=clock.now() + LEASE)
    return held(claims)


def held(claims: Collection[Claim]) -> set[uuid.UUID]:
    """The tokens of the claims that still hold their row: it was not taken back or deleted."""
    tokens = _held_rows(claims).values_list("claim", flat=True)
    return {token for token in tokens if token is not None}


def note_stages(claim: Claim, began: Mapping[Stage, datetime]) -> bool:
    """Note in the attempt log which stages have begun; False if the claim is lost.

    Not in the row: a stage belongs to the claim and ends with it; and a new `updated_at` would
    make every page of the leader read the row again, three times a lookup.
    """
    running = LookupAttempt.objects.filter(claim=claim.token, ended_at=None)
    return bool(running.update(**_stage_fields(began)))


def _stage_fields(began: Mapping[Stage, datetime]) -> dict[str, datetime]:
    return {STAGE_FIELDS[stage]: moment for stage, moment in began.items()}


def _held_rows(claims: Collection[Claim]) -> QuerySet[CedulaInfo]:
    return CedulaInfo.objects.filter(
        pk__in=[claim.info_id for claim in claims],
        claim__in=[claim.token for claim in claims],
        status=Status.PROCESSING,
    )


# --- Out of flight ------------------------------------------------------------------------------


def settle(claim: Claim, lookup: Lookup, trace: Trace) -> bool:
    """Write the census's answer; False if the claim was lost and nothing was written."""
    status, fields = answer(lookup)
    return _end(
        CedulaInfo.objects.filter(pk=claim.info_id),
        claim.token,
        status,
        trace,
        outcome=status,
        fetched_at=timezone.now(),
        **fields,
    )


def postpone(claim: Claim, after_seconds: float, error: ScraperError, trace: Trace) -> bool:
    """Put the row back into the queue for another attempt, `after_seconds` from now."""
    return _end(
        CedulaInfo.objects.filter(pk=claim.info_id),
        claim.token,
        Status.PENDING,
        trace,
        outcome=type(error).__name__,
        next_attempt_at=clock.now() + timedelta(seconds=after_seconds),
        **failure(error),
    )


def fail(claim: Claim, status: Status, error: ScraperError, trace: Trace) -> bool:
    """End the request without an answer, in `status`; a person may ask again."""
    return _end(
        CedulaInfo.objects.filter(pk=claim.info_id),
        claim.token,
        status,
        trace,
        outcome=type(error).__name__,
        **failure(error),
    )


def hand_back(claim: Claim, trace: Trace) -> bool:
    """Put the row back into the queue as if never claimed: the attempt does not count."""
    return _end(
        CedulaInfo.objects.filter(pk=claim.info_id),
        claim.token,
        Status.PENDING,
        trace,
        outcome=HANDED_BACK,
        attempts=F("attempts") - 1,
        retry_count=max(claim.attempt - 2, 0),
    )


def lost_claims(now: datetime | None = None) -> QuerySet[CedulaInfo]:
    """The rows in PROCESSING without a valid lease: no worker is on them."""
    now = now or clock.now()
    return CedulaInfo.objects.filter(
        Q(lease_expires_at__lt=now) | Q(lease_expires_at__isnull=True), status=Status.PROCESSING
    )


def holder_of(info: CedulaInfo) -> Claim | None:
    """The claim that holds `info`, read from the attempt log; None if none does."""
    attempt = LookupAttempt.objects.filter(claim=info.claim).first() if info.claim else None
    if attempt is None:
        return None
    return Claim(
        info_id=info.pk,
        user_id=info.user_id,
        cedula=info.user.cedula,
        token=attempt.claim,
        attempt=attempt.number,
        request_id=attempt.request_id,
        worker=attempt.worker,
        begun_at=attempt.started_at,
    )


def take_back(info: CedulaInfo, status: Status) -> bool:
    """Void a lost claim: move its row to `status`, PENDING or, after its last try, a failed one.

    False if the claim was renewed, or ended, since `info` was read.
    """
    token = info.claim
    if token is not None:
        return _end(
            CedulaInfo.objects.filter(pk=info.pk, lease_expires_at=info.lease_expires_at),
            token,
            status,
            None,
            outcome=LEASE_LOST,
            next_attempt_at=clock.now(),
            error_kind=LEASE_LOST,
            error_message="The worker that looked this up went away.",
        )
    return bool(
        move(
            CedulaInfo.objects.filter(pk=info.pk, claim=None),
            Status.PROCESSING,
            status,
            next_attempt_at=clock.now(),
        )
    )


def request_again(info: CedulaInfo, now: datetime) -> bool:
    """Queue a failed row again, with all its attempts to come; False if it is not failed."""
    if info.status not in FAILED:
        return False
    rows = CedulaInfo.objects.filter(pk=info.pk)
    return bool(_request(rows, Status(info.status), now, priority=Priority.PERSON, bulk=None))


def request_many(rows: QuerySet[CedulaInfo], bulk: BulkRefresh | None, now: datetime) -> int:
    """Queue the failed rows among `rows` again, behind every person who waits.

    Return how many they were. Their former state is kept, so that `call_off` can restore that of
    all rows of a bulk; without a bulk they cannot be called off.
    """
    return sum(
        _request(
            rows,
            status,
            now,
            priority=Priority.BULK,
            bulk=bulk,
            status_before=status,
            attempts_before=F("attempts"),
        )
        for status in FAILED
    )


def call_off(rows: QuerySet[CedulaInfo]) -> int:
    """Take the waiting rows among `rows` out of the queue; return how many they were.

    A row that was never claimed gets its former state back. One that waits for another try ends
    in the state of its last failure. One that is being looked up goes on.
    """
    restored = sum(
        move(
            rows.filter(attempts=0, status_before=status),
            Status.PENDING,
            status,
            attempts=F("attempts_before"),
            retry_count=Greatest(F("attempts_before") - 1, 0),
            bulk=None,
        )
        for status in FAILED
    )
    tried = rows.filter(attempts__gt=0)
    for error, status in FINAL_STATUS.items():
        restored += move(tried.filter(error_kind=error.__name__), Status.PENDING, status)
    others = tried.exclude(error_kind__in=[error.__name__ for error in FINAL_STATUS])
    return restored + move(others, Status.PENDING, Status.ERROR)


def _request(rows: QuerySet[CedulaInfo], status: Status, now: datetime, **changes: Any) -> int:
    return move(
        rows,
        status,
        Status.PENDING,
        request_id=context.request_id(),
        requested_at=now,
        refresh_requested_at=now,
        next_attempt_at=now,
        attempts=0,
        retry_count=0,
        claim=None,
        lease_expires_at=None,
        **changes,
    )


def _end(
    rows: QuerySet[CedulaInfo],
    token: uuid.UUID,
    status: Status,
    trace: Trace | None,
    *,
    outcome: str,
    **changes: Any,
) -> bool:
    with transaction.atomic():
        ended = move(
            rows.filter(claim=token),
            Status.PROCESSING,
            status,
            claim=None,
            lease_expires_at=None,
            **changes,
        )
        if ended or trace is not None:  # a sweep that comes too late has nothing to log
            _close_attempt(token, trace, outcome=outcome if ended else LEASE_LOST)
    return bool(ended)


def _close_attempt(token: uuid.UUID, trace: Trace | None, *, outcome: str) -> None:
    attempt = LookupAttempt.objects.filter(claim=token)
    attempt.filter(ended_at=None).update(ended_at=timezone.now(), outcome=outcome)
    if trace is not None:  # the cost of a late answer is logged, though the answer is not taken
        attempt.update(
            page_shape=trace.page_shape,
            solves_paid=trace.solves_paid,
            **_stage_fields(trace.stages),
        )
