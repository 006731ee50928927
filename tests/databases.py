"""A database of its own for the processes that a test starts, and a way to look into it.

A SQLite file, or where TEST_DATABASE_URL names a PostgreSQL server, a new database on that. In a
run of the tests it is a copy of one that was migrated once: that takes a process of its own.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar, LiteralString, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from tests.paths import ROOT


class OwnDatabase(Protocol):
    """A database that nobody else uses."""

    url: str
    """The value for DATABASE_URL."""
    is_migrated: bool
    """False: it is empty."""

    def query(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a read, past Django, which starts slowly."""

    def drop(self) -> None:
        """Leave nothing behind, whoever is still connected."""


class SqliteFile:
    """A file in a test's own folder, which goes with it."""

    def __init__(self, folder: Path, template: OwnDatabase | None = None) -> None:
        self.file = folder / "own.sqlite3"
        self.url = f"sqlite:///{self.file}"
        self.is_migrated = template is not None
        if isinstance(template, SqliteFile):
            shutil.copyfile(template.file, self.file)

    def query(self, statement: str) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.file, timeout=20)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(statement)]

    def drop(self) -> None:
        """Nothing: the folder is the test's."""


class PostgresDatabase:
    """A database of a random name on a server where the role may create one."""

    def __init__(self, server: str, template: OwnDatabase | None = None) -> None:
        self._server = server
        self.name = f"censo_{uuid.uuid4().hex[:12]}"
        self.url = urlunsplit(urlsplit(server)._replace(path=f"/{self.name}"))
        self.is_migrated = template is not None
        if isinstance(template, PostgresDatabase):
            self._do("CREATE DATABASE {} TEMPLATE {}", self.name, template.name)
        else:
            self._do("CREATE DATABASE {}", self.name)

    def query(self, statement: str) -> list[dict[str, Any]]:
        with psycopg.connect(self.url, row_factory=dict_row) as database:
            return database.execute(statement.encode()).fetchall()

    def drop(self) -> None:
        self._do("DROP DATABASE {} WITH (FORCE)", self.name)

    def _do(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as server:
            server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


class Templates:
    """The migrated databases that `own_database` copies, one for each server."""

    current: ClassVar["Templates | None"] = None

    def __init__(self, until_the_end: ExitStack) -> None:
        self._until_the_end = until_the_end
        self._made: dict[str, OwnDatabase] = {}

    def on(self, server: str) -> OwnDatabase:
        if server not in self._made:
            folder = self._until_the_end.enter_context(tempfile.TemporaryDirectory())
            made = _new_database(Path(folder), server)
            self._until_the_end.callback(made.drop)
            _migrate(made)
            self._made[server] = made
        return self._made[server]


@contextmanager
def migrating_once() -> Iterator[None]:
    """Within it, `own_database` gives copies of a database that this process migrates once."""
    with ExitStack() as until_the_end:
        Templates.current = Templates(until_the_end)
        try:
            yield
        finally:
            Templates.current = None


@contextmanager
def own_database(folder: Path, server: str | None = None) -> Iterator[OwnDatabase]:
    """A database for the length of a test: on `server`, or where the run has its own."""
    server = server or os.environ.get("TEST_DATABASE_URL", "")
    server = server if server.startswith("postgres") else ""
    template = Templates.current.on(server) if Templates.current else None
    database = _new_database(folder, server, template)
    try:
        yield database
    finally:
        database.drop()


def migrated_file(folder: Path) -> Path:
    """A SQLite file of today's schema in `folder`, whatever the run has its databases on."""
    database = SqliteFile(folder, Templates.current.on("") if Templates.current else None)
    if not database.is_migrated:
        _migrate(database)
    return database.file


def _new_database(
    folder: Path, server: str, template: OwnDatabase | None = None
) -> SqliteFile | PostgresDatabase:
    return PostgresDatabase(server, template) if server else SqliteFile(folder, template)


def _migrate(database: OwnDatabase) -> None:
    subprocess.run(
        [sys.executable, ROOT / "manage.py", "migrate", "--verbosity", "0"],
        env=os.environ
        | {
            "DATABASE_URL": database.url,
            "DEBUG": "true",
        },
        check=True,
    )
