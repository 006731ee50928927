"""What holds after every fault, whatever it was: `assert_sound`."""

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
"""For a process to end that must: a browser that hangs is given five seconds to close."""
HELD_SECONDS = 45.0
"""A lease, and a sweep after that."""
REST_SECONDS = 60.0
CRASH_HANDLER = "chrome_crashpad_handler"

Line = dict[str, Any]
"""An attempt in the log beside its row; the attempt's columns are None where there is none."""

LINES = """
SELECT info.id, info.status, info.claim, info.lease_expires_at, info.attempts,
       line.claim AS line_claim, line.number, line.worker, line.ended_at, line.outcome
FROM census_cedulainfo info LEFT JOIN census_lookupattempt line ON line.info_id = info.id
ORDER BY info.id, line.id
"""
LOST_LINES = """
SELECT count(*) AS number FROM census_lookupattempt
WHERE info_id NOT IN (SELECT id FROM census_cedulainfo)
"""

_next_people = count(1_039_000_011, 100)


def assert_sound(stack: Stack, strays: Strays) -> None:
    """That the product is as if nothing had happened. A worker must run, and the simulator.

    The next lookup works, and whoever else waited has an end; no row is in flight that nobody
    holds; every attempt is logged, and closed where it has ended; no process is left over.
    """
    next_person = str(next(_next_people))
    stack.register(next_person)
    wait_until(
        lambda: stack.lookups()[next_person]["status"] == "ACTIVE",
        "the next person has their answer",
        seconds=REST_SECONDS,
    )
    nothing(lambda: held_by_nobody(stack), "rows in flight that nobody holds", HELD_SECONDS)
    nothing(lambda: in_flight(stack), "rows still in flight", REST_SECONDS)
    assert_attempts_are_logged(stack)
    nothing(lambda: left_over(stack, strays), "processes left over", GONE_SECONDS)


def nothing(found: Callable[[], list[str]], what: str, seconds: float) -> None:
    """Wait until `found` finds nothing; AssertionError with what it found last."""
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
    """The cédulas of whoever waits for an answer."""
    return [
        cedula
        for cedula, row in stack.lookups().items()
        if row["status"] in ("PENDING", "PROCESSING")
    ]


def held_by_nobody(stack: Stack) -> list[str]:
    """The rows being looked up whose lease has run out, or whose worker is gone."""
    alive = {str(p.pid) for worker in clusters(stack) for p in family(worker.pid)}
    return [
        f"lookup {line['id']}"
        for line in stack.query(LINES)
        if line["status"] == "PROCESSING"
        and line["claim"] == line["line_claim"]
        and not (is_ahead(line["lease_expires_at"]) and pid_of(line["worker"]) in alive)
    ]


def assert_attempts_are_logged(stack: Stack) -> None:
    """Of every claim one line; a line is open while its claim holds the row, and no longer.

    One moment's look: each move writes row and line in one transaction.
    """
    problems = []
    for info_id, group in groupby(stack.query(LINES), key=itemgetter("id")):
        lines = list(group)
        problems += [f"lookup {info_id}: {problem}" for problem in problems_of(lines)]
    assert not problems, problems
    [lost] = stack.query(LOST_LINES)
    assert lost["number"] == 0, f"{lost['number']} attempts of rows that are gone"


def problems_of(lines: list[Line]) -> list[str]:
    """What is wrong with one row and its attempts, oldest first."""
    row = lines[0]
    lines = [line for line in lines if line["line_claim"] is not None]
    problems = []
    is_held = row["status"] == "PROCESSING"
    if (row["claim"] is not None, row["lease_expires_at"] is not None) != (is_held, is_held):
        problems.append(f"{row['status']} with claim {row['claim']}")
    open_claims = [line["line_claim"] for line in lines if line["ended_at"] is None]
    if open_claims != ([row["claim"]] if is_held else []):
        problems.append(f"{row['status']} with {len(open_claims)} open attempts")
    if any(bool(line["outcome"]) != (line["ended_at"] is not None) for line in lines):
        problems.append("an attempt without an outcome, or with one before its end")
    # What was handed back does not count; its number is used again.
    counted = [line["number"] for line in lines if line["outcome"] != HANDED_BACK]
    present = counted[len(counted) - row["attempts"] :] if row["attempts"] else []
    if present != list(range(1, row["attempts"] + 1)):
        problems.append(f"{row['attempts']} attempts counted, {counted} logged")
    return problems


def is_ahead(moment: datetime | str | None) -> bool:
    """Whether a moment as a database gives it lies ahead."""
    if moment is None:
        return False
    if isinstance(moment, str):  # SQLite, which keeps them in UTC
        moment = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return moment > datetime.now(UTC)


def pid_of(worker: str) -> str:
    """Of a worker's name, `host/namespace/pid/start`."""
    return worker.rsplit("/", 2)[1]


# --- Processes ----------------------------------------------------------------------------------


def clusters(stack: Stack) -> list[subprocess.Popen[bytes]]:
    """The clusters that run."""
    return [
        process
        for process in stack.processes
        if process.poll() is None and isinstance(process.args, list) and "qcluster" in process.args
    ]


def left_over(stack: Stack, strays: Strays) -> list[str]:
    """Orphans, and more than one browser or driver for each process that looks cédulas up."""
    browsers = [browser for worker in clusters(stack) for browser in chromiums(worker)]
    at_home = {temporary_directory(browser) for browser in browsers}
    found = [
        stray
        for stray in strays.alive(stack.processes)
        # A crash handler of a browser that runs is nobody's child by its own doing.
        if not (CRASH_HANDLER in command_of(stray) and temporary_directory(stray) in at_home)
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
