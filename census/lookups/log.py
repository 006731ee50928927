"""The log entries of attempts: one when each begins, and one when it ends."""

import logging
from typing import Any

from django.utils import timezone

from accounts.identity.cedula import masked
from accounts.logs import context
from census.lookups.lifecycle import Claim, Trace

logger = logging.getLogger(__name__)


def ids_of(claim: Claim) -> context.Fields:
    """The fields that every log entry made for this attempt carries."""
    return {
        "request_id": claim.request_id,
        "info_id": claim.info_id,
        "attempt": claim.attempt,
    }


def log_begin(claim: Claim) -> None:
    logger.info("Lookup %s, attempt %s begins.", claim.info_id, claim.attempt, extra=_extra(claim))


def log_end(claim: Claim, outcome: str, trace: Trace, problem: BaseException | None = None) -> None:
    """Log the one entry with an `outcome`, as in `LookupAttempt`; `problem` is the cause."""
    extra = _extra(
        claim,
        outcome=outcome,
        seconds=round((timezone.now() - claim.begun_at).total_seconds(), 3),
        page_shape=trace.page_shape,
        solves_paid=trace.solves_paid,
    )
    values = (claim.info_id, claim.attempt, outcome)
    if problem is None:
        logger.info("Lookup %s, attempt %s ends: %s.", *values, extra=extra)
    else:
        extra["fields"]["error"] = type(problem).__name__
        logger.warning("Lookup %s, attempt %s ends: %s: %s", *values, problem, extra=extra)


def _extra(claim: Claim, **more: Any) -> dict[str, dict[str, Any]]:
    return {
        "fields": {
            **ids_of(claim),
            **more,
            "worker": claim.worker,
            "cedula": masked(claim.cedula),
        }
    }
