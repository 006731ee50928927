"""The database's disk, or that of temporary files, is full and has room again."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import BrowserThread
from tests.cluster import driver
from tests.crashes import busy_stack, settle_with_a_worker
from tests.databases import SqliteFile
from tests.faults.disks import SmallDisk, may_mount, small_disk
from tests.faults.invariants import assert_sound
from tests.faults.people import OUTAGE
from tests.faults.strays import Strays
from tests.stack import Stack, kill, wait_until
from tests.typed import REGISTRATION
from tests.visitor import Visitor

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not may_mount(), reason="needs root, to mount a small disk"),
]

PEOPLE = [f"10400700{number}1" for number in range(4)]
NEW_PERSON = "1040070101"


# --- The database's disk ------------------------------------------------------------------------


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk(mebibytes=8) as disk:
        yield disk


@pytest.fixture
def on_the_disk(disk: SmallDisk, tmp_path: Path, strays: Strays) -> Iterator[Stack]:
    """A stack with only its database on the small disk."""
    stack = Stack(tmp_path, SqliteFile(disk.path))
    try:
        yield stack
    finally:
        stack.stop()


def fill(disk: SmallDisk, stack: Stack) -> None:
    """Fill the disk so that the database cannot grow, after emptying its write-ahead log."""
    assert isinstance(stack.database, SqliteFile)
    with closing(sqlite3.connect(stack.database.file, timeout=20)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        disk.fill()


@pytest.mark.skipif(
    os.environ.get("TEST_DATABASE_URL", "").startswith("postgres"),
    reason="on SQLite alone: PostgreSQL's disk is its server's",
)
def test_a_full_disk_is_told_to_the_person_and_the_operator_and_costs_nobody_anything(
    disk: SmallDisk, on_the_disk: Stack, strays: Strays
) -> None:
    stack = on_the_disk
    stack.start_simulator(captcha_latency=5.0)
    stack.start_web()
    visitor = Visitor(stack.web_url)
    visitor.register(PEOPLE[0])
    stack.register(*PEOPLE[1:])
    worker = stack.start_worker()
    wait_until(lambda: len(stack.simulator_log()["captchas"]) == len(PEOPLE), "all are in flight")

    fill(disk, stack)
    with BrowserThread() as browser:
        browser.visit(
            f"{stack.web_url}/registro/",
            lambda page: register_when_there_is_room(page, disk, stack, visitor),
            expected_error="503",
        )

    settle_with_a_worker(stack, worker)
    assert worker.poll() is None
    log = stack.simulator_log()
    assert len(log["captchas"]) == len(PEOPLE) + 1, "a captcha was bought twice"
    assert [row["attempts"] for row in stack.lookups().values()] == [1] * (len(PEOPLE) + 1)
    assert_sound(stack, strays)


def register_when_there_is_room(
    page: Page, disk: SmallDisk, stack: Stack, visitor: Visitor
) -> None:
    """Fill in the form, get the page of an outage, and send the form again by its button."""
    for name, value in REGISTRATION.items():
        if name != "data_policy_accepted":
            page.locator(f"[name={name}]").fill(NEW_PERSON if name == "cedula" else value)
    page.locator("[name=data_policy_accepted]").check()
    page.get_by_role("button", name="Registrarme").click()
    page.get_by_role("heading", name=OUTAGE).wait_for()

    assert visitor.read("/perfil/").status_code == 200, "who only reads notices nothing"
    wait_until(lambda: stack.health()["workers"] == 0, "the monitor is told", seconds=30)
    wait_until(lambda: not any(map(is_held, stack.lookups().values())), "no lease is in force")
    disk.free()

    page.get_by_role("button", name="Enviar otra vez").click()
    page.wait_for_url(f"{stack.web_url}/perfil/")


def is_held(row: dict[str, Any]) -> bool:
    """True if the row's lease is in force; SQLite stores moments as texts in UTC."""
    now = datetime.now(UTC).replace(tzinfo=None)
    lease = row["lease_expires_at"]
    return lease is not None and datetime.fromisoformat(lease) > now


# --- Temporary files ----------------------------------------------------------------------------

NO_ROOM = "No room for the browser's files"
"""Logged by the worker."""


@pytest.fixture
def temporary() -> Iterator[SmallDisk]:
    with small_disk(mebibytes=64) as disk:
        yield disk


@pytest.fixture
def cramped(temporary: SmallDisk, stack: Stack) -> Stack:
    """A stack whose temporary files, Chromium's profile included, are on the small disk."""
    stack.environment["TMPDIR"] = str(temporary.path)
    return stack


@pytest.mark.parametrize("browser", ["lives", "dies"])
def test_without_room_for_temporary_files_everybody_waits_and_loses_no_attempt(
    temporary: SmallDisk, cramped: Stack, strays: Strays, browser: str
) -> None:
    worker = busy_stack(cramped, captcha_latency=2.0)

    temporary.fill()
    if browser == "dies":
        kill(driver(worker))
    cramped.register(*PEOPLE)
    wait_until(lambda: NO_ROOM in cramped.log("worker"), "the operator is told")
    temporary.free()

    settle_with_a_worker(cramped, worker)
    assert worker.poll() is None
    lookups = cramped.lookups()
    assert [lookups[cedula]["attempts"] for cedula in PEOPLE] == [1] * len(PEOPLE)
    assert_sound(cramped, strays)
