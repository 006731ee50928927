"""Write the outcome of a lookup to the row, the attempt log and the gate."""

import logging
from collections.abc import Sequence
from typing import assert_never

from django.conf import settings

from census.lookups import lifecycle, log, retry
from census.lookups.answers import answer
from census.lookups.lifecycle import HANDED_BACK, LEASE_LOST, Claim, Trace
from census.models import LookupAttempt
from scraper.errors import (
    CaptchaFailed,
    CaptchaRejected,
    ScraperError,
    SiteBlocked,
    SolverLimitReached,
    SolverUnusable,
)
from scraper.gate import captcha_balance
from scraper.gate.visits import Gate
from scraper.results import Lookup
from scraper.turn import LookupFuture

logger = logging.getLogger(__name__)


def record(claim: Claim, future: LookupFuture, gate: Gate, retry_delays: Sequence[float]) -> None:
    """Record the end of `future`, which is done. A lost claim is logged and writes no answer."""
    trace = Trace(future.page_shape, future.solves_paid, dict(future.stages))
    result = _outcome(future)
    if isinstance(result, ScraperError):
        outcome, written = _record_failure(claim, result, trace, retry_delays)
        _tell_gate(gate, result)
        problem: ScraperError | None = result
    else:
        outcome, written = answer(result)[0].value, lifecycle.settle(claim, result, trace)
        gate.record_pass()
        problem = None
    if written:
        log.log_end(claim, outcome, trace, problem)
    else:
        _log_lost(claim, trace)


def _log_lost(claim: Claim, trace: Trace) -> None:
    """Log that a claim was lost, and its end as well if its row is gone.

    The row goes when a person withdraws or deletes the account. Otherwise the sweep that took the
    claim back has logged its end.
    """
    logger.warning("Lookup %s: the claim was lost; nothing was written.", claim.info_id)
    if not LookupAttempt.objects.filter(claim=claim.token).exists():
        log.log_end(claim, LEASE_LOST, trace)


def _outcome(future: LookupFuture) -> Lookup | ScraperError:
    failure = future.exception()
    if failure is None:
        return future.result()
    if isinstance(failure, ScraperError):
        return failure
    raise failure  # a bug in the scraper: the row's lease runs out, the log has the traceback


def _record_failure(
    claim: Claim, error: ScraperError, trace: Trace, retry_delays: Sequence[float]
) -> tuple[str, bool]:
    """Return the attempt log's outcome, and True if it was written."""
    kind = type(error).__name__
    match retry.decide(error, claim.attempt, retry_delays):
        case retry.Again(after_seconds):
            return kind, lifecycle.postpone(claim, after_seconds, error, trace)
        case retry.Over(status):
            return kind, lifecycle.fail(claim, status, error, trace)
        case retry.NotCounted():
            return HANDED_BACK, lifecycle.hand_back(claim, trace)
        case unexpected:
            assert_never(unexpected)


def _tell_gate(gate: Gate, error: ScraperError) -> None:
    """Tell the gate of the failure: blocks in a row close it, a captcha reached ends such a row."""
    if isinstance(error, SiteBlocked):
        until = gate.record_block(settings.PAUSE_AFTER_BLOCKS, settings.PAUSE_SECONDS)
        if until is not None:
            logger.error("The site blocks us: no visits before %s.", until)
    elif isinstance(error, SolverLimitReached):
        gate.record_pass()  # the page was seen; the refused purchase has closed the gate
    elif isinstance(error, SolverUnusable):
        captcha_balance.ask_soon()
        until = gate.record_unusable_solver(settings.PAUSE_SECONDS)
        logger.error("The captcha service refuses us: %s No visits before %s.", error, until)
    elif isinstance(error, CaptchaFailed | CaptchaRejected):
        gate.record_pass()
