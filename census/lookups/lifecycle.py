"""The states of a lookup, the moves between them, and the only code that changes `status`.

Every move is one conditional UPDATE on the stored status and claim: whoever comes second changes
nothing and is told so. A claim opens a line in the attempt log; the move that ends it closes it.
"""

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
from census.lookups.answers import answer
from census.lookups.retry import FINAL_STATUS
from census.models import STAGE_FIELDS, BulkRefresh, CedulaInfo, LookupAttempt
from census.states import FAILED, SETTLED, Priority, Status
from scraper.errors import ScraperError
from scraper.results import Lookup
from scraper.turn import Stage

LEASE = timedelta(seconds=30)
"""How long a claim holds without being renewed: three renewals may be missed."""

HANDED_BACK = "HandedBack"
LEASE_LOST = "LeaseLost"

MOVES: Mapping[Status, frozenset[Status]] = {
    # A claim takes a row out of the line; so does calling off the bulk that put it there.
    Status.PENDING: FAILED | {Status.PROCESSING},
    # An answer, a failure, or back into the line: another try, a stop, a worker that died.
    Status.PROCESSING: SETTLED | FAILED | {Status.PENDING},
    # A person asks again.
    Status.ERROR: frozenset({Status.PENDING}),
    Status.TIMEOUT: frozenset({Status.PENDING}),
    Status.BLOCKED: frozenset({Status.PENDING}),
    # What the census has answered stays.
    Status.ACTIVE: frozenset(),
    Status.NOT_FOUND: frozenset(),
    Status.CANCELLED_DECEASED: frozenset(),
    Status.CANCELLED_OTHER: frozenset(),
}


class IllegalMove(ValueError):
    """A move that the table does not have: a mistake in the code, not in the data."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to look one row up and to write what came of it."""

    info_id: int
    user_id: int
    cedula: str
    token: uuid.UUID
    attempt: int
    """1 for the first of the request."""
    request_id: str
    """Of the request that put the row into the line: by it the logs tell the whole story."""
    worker: str
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Trace:
    """What an attempt cost and saw, for the log."""

    page_shape: str = ""
    solves_paid: int = 0
    stages: Mapping[Stage, datetime] = field(default_factory=dict)
    """When each of them began."""


def move(rows: QuerySet[CedulaInfo], old: Status, new: Status, /, **changes: Any) -> int:
    """Move those of `rows` that are in `old` to `new`; returns how many were.

    Raises IllegalMove where the table has no such move.
    """
    if new not in MOVES[old]:
        raise IllegalMove(f"{old} → {new}")
    # The database's clock, read by the statement that holds the lock: whoever asks for what
    # changed since a moment must not miss a change that was written later than it was dated.
    return rows.filter(status=old).update(status=new, updated_at=Now(), **changes)


# --- Into flight --------------------------------------------------------------------------------


def may_be_looked_up() -> Q:
    """Of rows: their person has an open account, and a consent that is in force."""
    return Q(
        user__consented_at__isnull=False,
        user__consent_version__in=policy.versions_in_force(),
        user__is_active=True,
    )


def due_rows(now: datetime | None = None) -> QuerySet[CedulaInfo]:
    """The rows that may be looked up now, the next one first."""
    return CedulaInfo.objects.filter(
        may_be_looked_up(),
        status=Status.PENDING,
        next_attempt_at__lte=now or clock.now(),
    ).order_by("priority", "next_attempt_at", "id")


def all_due(now: datetime | None = None) -> QuerySet[CedulaInfo]:
    """The same rows in no order, to be counted; cheap however many wait for a later try."""
    # Naming the priorities lets the index of the line be used up to the moment.
    return due_rows(now).order_by().filter(priority__in=Priority.values)


def is_anything_due() -> bool:
    """Whether some row may be looked up now."""
    return all_due().exists()


def claim_next(worker: str, first_user_id: int | None = None) -> Claim | None:
    """Claim one due row for `worker`: that user's if it is due, else the next in line."""
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
        # Somebody was faster with this row: the next look shows another, or none.


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
    """Extend these claims' leases; returns the tokens of those that still hold their row."""
    _held_rows(claims).update(lease_expires_at=clock.now() + LEASE)
    return held(claims)


def held(claims: Collection[Claim]) -> set[uuid.UUID]:
    """The tokens of those claims that still hold their row: nobody took it back, or deleted it."""
    tokens = _held_rows(claims).values_list("claim", flat=True)
    return {token for token in tokens if token is not None}


def note_stages(claim: Claim, began: Mapping[Stage, datetime]) -> bool:
    """Note in the log which stages of the attempt have begun; False where the claim is lost.

    Not in the row: a stage is the claim's own, so it ends with it and the next one begins anew; and
    the row's `updated_at` would have every page of the leader read it again, three times a lookup.
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
    """Write the census's answer; False where the claim was lost and nothing was written."""
    status, fields = answer(lookup)
    return _end(
        CedulaInfo.objects.filter(pk=claim.info_id),
        claim.token,
        status,
        trace,
        outcome=status,
        fetched_at=timezone.now(),
        error_kind="",
        error_message="",
        raw_response="",
        **fields,
    )


def postpone(claim: Claim, after_seconds: float, error: ScraperError, trace: Trace) -> bool:
    """Back into the line for another attempt, `after_seconds` from now."""
    return _end(
        CedulaInfo.objects.filter(pk=claim.info_id),
        claim.token,
        Status.PENDING,
        trace,
        outcome=type(error).__name__,
        next_attempt_at=clock.now() + timedelta(seconds=after_seconds),
        **_failure(error),
    )


def fail(claim: Claim, status: Status, error: ScraperError, trace: Trace) -> bool:
    """The end of a request without an answer; a person may ask again."""
    return _end(
        CedulaInfo.objects.filter(pk=claim.info_id),
        claim.token,
        status,
        trace,
        outcome=type(error).__name__,
        **_failure(error),
    )


def hand_back(claim: Claim, trace: Trace) -> bool:
    """Back into the line as if never claimed: the attempt does not count."""
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
    """The rows in flight whose lease ran out, or that have none: nobody works on them."""
    now = now or clock.now()
    return CedulaInfo.objects.filter(
        Q(lease_expires_at__lt=now) | Q(lease_expires_at__isnull=True), status=Status.PROCESSING
    )


def holder_of(info: CedulaInfo) -> Claim | None:
    """The claim that holds `info`, as the attempt log has it; None where none does."""
    line = LookupAttempt.objects.filter(claim=info.claim).first() if info.claim else None
    if line is None:
        return None
    return Claim(
        info_id=info.pk,
        user_id=info.user_id,
        cedula=info.user.cedula,
        token=line.claim,
        attempt=line.number,
        request_id=line.request_id,
        worker=line.worker,
        begun_at=line.started_at,
    )


def take_back(info: CedulaInfo, status: Status) -> bool:
    """Void a lost claim: into the line again (PENDING), or to an end where its tries are over.

    False where it was renewed, or ended, since `info` was read.
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
    """A failed row back into the line, with all its attempts; False where it is not failed."""
    if info.status not in FAILED:
        return False
    rows = CedulaInfo.objects.filter(pk=info.pk)
    return bool(_request(rows, Status(info.status), now, priority=Priority.PERSON, bulk=None))


def request_many(rows: QuerySet[CedulaInfo], bulk: BulkRefresh, now: datetime) -> int:
    """Those of `rows` that are failed back into the line, behind every person who waits.

    Returns how many they were. What they were is kept, so that `call_off` can restore it.
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


def request_many_again(rows: QuerySet[CedulaInfo], now: datetime) -> int:
    """Those of `rows` that are failed back into the line, behind every person who waits.

    For good: no bulk holds them together, so nothing calls them off. Returns how many they were.
    """
    return sum(_request(rows, status, now, priority=Priority.BULK, bulk=None) for status in FAILED)


def call_off(rows: QuerySet[CedulaInfo]) -> int:
    """Take those of `rows` that wait out of the line; returns how many they were.

    What was never claimed is again what it was. What was tried and waits for another try ends as
    its last failure has it. What is being looked up goes on.
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
        if ended or trace is not None:  # a sweep that comes too late has nothing to tell
            _close_attempt(token, trace, outcome=outcome if ended else LEASE_LOST)
    return bool(ended)


def _close_attempt(token: uuid.UUID, trace: Trace | None, *, outcome: str) -> None:
    line = LookupAttempt.objects.filter(claim=token)
    line.filter(ended_at=None).update(ended_at=timezone.now(), outcome=outcome)
    if trace is not None:  # what a late answer cost is logged, though the answer is not taken
        line.update(
            page_shape=trace.page_shape,
            solves_paid=trace.solves_paid,
            **_stage_fields(trace.stages),
        )


def _failure(error: ScraperError) -> dict[str, str]:
    return {
        "error_kind": type(error).__name__,
        "error_message": str(error),
        "raw_response": error.page_text,
    }
