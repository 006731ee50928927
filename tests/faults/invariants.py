"""`assert_sound`: what must hold after every fault."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count, groupby
from operator import itemgetter
from typing import Any

import psutil

from census.lookups.lifecycle import HANDED_BACK
from tests.cluster import chromiums, command_of, drivers
from tests.faults.strays import Strays
from tests.stack import Stack, family, wait_until

GONE_SECONDS = 20.0
"""Limit for processes to end: a browser that hangs is given five seconds to close."""
HELD_SECONDS = 45.0
"""A lease of 30 s, and a sweep after it."""
REST_SECONDS = 60.0
CRASH_HANDLER = "chrome_crashpad_handler"

Attempt = dict[str, Any]
"""A row of ATTEMPTS; the attempt's columns are None for a lookup without attempts."""

ATTEMPTS = """
SELECT info.id, info.status, info.claim, info.lease_expires_at, info.attempts,
       attempt.claim AS attempt_claim, attempt.number, attempt.worker, attempt.ended_at,
       attempt.outcome
FROM census_cedulainfo info LEFT JOIN census_lookupattempt attempt ON attempt.info_id = info.id
ORDER BY info.id, attempt.id
"""
ORPHANED_ATTEMPTS = """
SELECT count(*) AS number FROM census_lookupattempt
WHERE info_id NOT IN (SELECT id FROM census_cedulainfo)
"""

_next_people = count(1_039_000_011, 100)


def assert_sound(stack: Stack, strays: Strays) -> None:
    """Assert that the product works as if nothing had happened. Needs a worker and the simulator.

    The next lookup works, and all others end; no row is in flight without a worker; every attempt
    is logged, and closed if it has ended; no process is left over.
    """
    next_person = str(next(_next_people))
    stack.register(next_person)
    wait_until(
        lambda: stack.lookups()[next_person]["status"] == "ACTIVE",
        "the next person has their answer",
        seconds=REST_SECONDS,
    )
    wait_for_none(lambda: held_by_nobody(stack), "rows in flight without a worker", HELD_SECONDS)
    wait_for_none(lambda: in_flight(stack), "rows still in flight", REST_SECONDS)
    assert_attempts_are_logged(stack)
    wait_for_none(lambda: left_over(stack, strays), "processes left over", GONE_SECONDS)


def wait_for_none(found: Callable[[], list[str]], what: str, seconds: float) -> None:
    """Wait until `found` returns []; AssertionError with what it returned last."""
    last: list[str] = []

    def is_empty() -> bool:
        last[:] = found()
        return not last

    try:
        wait_until(is_empty, what, seconds)
    except AssertionError:
        raise AssertionError(f"After {seconds:g} s there are {what}: {last}") from None


# --- Rows and attempts --------------------------------------------------------------------------


def in_flight(stack: Stack) -> list[str]:
    """The cédulas of lookups in flight."""
    return [
        cedula
        for cedula, row in stack.lookups().items()
        if row["status"] in ("PENDING", "PROCESSING")
    ]


def held_by_nobody(stack: Stack) -> list[str]:
    """The claimed rows whose lease has run out, or whose worker is gone."""
    alive = {str(p.pid) for worker in clusters(stack) for p in family(worker.pid)}
    return [
        f"lookup {attempt['id']}"
        for attempt in stack.query(ATTEMPTS)
        if attempt["status"] == "PROCESSING"
        and attempt["claim"] == attempt["attempt_claim"]
        and not (is_ahead(attempt["lease_expires_at"]) and pid_of(attempt["worker"]) in alive)
    ]


def assert_attempts_are_logged(stack: Stack) -> None:
    """Assert that each claim has one attempt, which is open only while the claim holds its row.

    Needs no waiting: each move writes row and attempt in one transaction.
    """
    problems = []
    for info_id, group in groupby(stack.query(ATTEMPTS), key=itemgetter("id")):
        problems += [f"lookup {info_id}: {problem}" for problem in problems_of(list(group))]
    assert not problems, problems
    [orphaned] = stack.query(ORPHANED_ATTEMPTS)
    assert orphaned["number"] == 0, f"{orphaned['number']} attempts of rows that are gone"


def problems_of(attempts: list[Attempt]) -> list[str]:
    """The mistakes in one row and its attempts, oldest first."""
    row = attempts[0]
    attempts = [attempt for attempt in attempts if attempt["attempt_claim"] is not None]
    problems = []
    is_held = row["status"] == "PROCESSING"
    if (row["claim"] is not None, row["lease_expires_at"] is not None) != (is_held, is_held):
        problems.append(f"{row['status']} with claim {row['claim']}")
    open_claims = [one["attempt_claim"] for one in attempts if one["ended_at"] is None]
    if open_claims != ([row["claim"]] if is_held else []):
        problems.append(f"{row['status']} with {len(open_claims)} open attempts")
    if any(bool(one["outcome"]) != (one["ended_at"] is not None) for one in attempts):
        problems.append("an attempt without an outcome, or with one before its end")
    # An attempt that was handed back does not count; its number is used again.
    counted = [one["number"] for one in attempts if one["outcome"] != HANDED_BACK]
    present = counted[len(counted) - row["attempts"] :] if row["attempts"] else []
    if present != list(range(1, row["attempts"] + 1)):
        problems.append(f"{row['attempts']} attempts counted, {counted} logged")
    return problems


def is_ahead(moment: datetime | str | None) -> bool:
    """True if a moment, as the database returns it, is in the future."""
    if moment is None:
        return False
    if isinstance(moment, str):  # SQLite stores texts, in UTC
        moment = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return moment > datetime.now(UTC)


def pid_of(worker: str) -> str:
    """The pid in a worker's name, `host/namespace/pid/start`."""
    return worker.rsplit("/", 2)[1]


# --- Processes ----------------------------------------------------------------------------------


def clusters(stack: Stack) -> list[subprocess.Popen[bytes]]:
    """The running clusters."""
    return [
        process
        for process in stack.processes
        if process.poll() is None and isinstance(process.args, list) and "qcluster" in process.args
    ]


def left_over(stack: Stack, strays: Strays) -> list[str]:
    """Orphans, and more than one browser or driver for each process with a scraper."""
    browsers = [browser for worker in clusters(stack) for browser in chromiums(worker)]
    in_use = {temporary_directory(browser) for browser in browsers}
    found = [
        stray
        for stray in strays.alive(stack.processes)
        # A running browser's crash handler detaches itself from its parent.
        if not (CRASH_HANDLER in command_of(stray) and temporary_directory(stray) in in_use)
    ]
    for worker in clusters(stack):
        owners = {process.ppid() for process in drivers(worker)}
        for kind in (drivers(worker), chromiums(worker)):
            found += kind if len(kind) > len(owners) else []
    return [f"{process.pid}: {command_of(process)[:100]}" for process in found]


def temporary_directory(process: psutil.Process) -> str:
    try:
        return process.environ().get("TMPDIR", "")
    except psutil.Error:
        return ""
