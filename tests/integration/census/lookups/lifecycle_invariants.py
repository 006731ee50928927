"""Invariants of every lookup at every moment, whoever did what before."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from census.models import CedulaInfo
from census.states import SETTLED, Status


def check_claims(row: CedulaInfo, claimed: set[uuid.UUID]) -> None:
    """One live claim at most; of every claim one line in the log, closed once it ended."""
    lines = list(row.attempt_log.all())
    is_held = row.status == Status.PROCESSING
    assert (row.claim is not None, row.lease_expires_at is not None) == (is_held, is_held)
    running = [line.claim for line in lines if line.ended_at is None]
    assert running == ([row.claim] if is_held else [])
    assert sorted(line.claim for line in lines) == sorted(claimed)
    assert all(bool(line.outcome) == (line.ended_at is not None) for line in lines)


def check_answer(row: CedulaInfo, expected: dict[str, Any] | None) -> None:
    """The census's answer stays, and nothing else counts as answered."""
    assert (row.status in SETTLED) == (expected is not None)
    if expected is not None:
        assert {name: getattr(row, name) for name in expected} == expected


def check_attempts(row: CedulaInfo) -> None:
    assert 0 <= row.attempts <= len(settings.RETRY_DELAYS_SECONDS) + 1
    assert row.retry_count == max(row.attempts - 1, 0)


def check_reachable(row: CedulaInfo, due: set[int]) -> None:
    """A waiting row is due now, or at the latest after one of our delays."""
    if row.status == Status.PENDING and row.pk not in due:
        furthest = timedelta(seconds=max(settings.RETRY_DELAYS_SECONDS))
        assert timedelta(0) < row.next_attempt_at - timezone.now() <= furthest
