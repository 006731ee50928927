"""A database of its own for the processes that a test starts, and a way to look into it.

A SQLite file, or where TEST_DATABASE_URL names a PostgreSQL server, a new database on that.
"""

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.rows import dict_row


class OwnDatabase(Protocol):
    """A database that nobody else uses."""

    url: str
    """As DATABASE_URL has it."""

    def query(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a read, past Django, which starts slowly."""

    def drop(self) -> None:
        """Leave nothing behind, whoever is still connected."""


class SqliteFile:
    """A file in a test's own folder, which goes with it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "own.sqlite3"
        self.url = f"sqlite:///{self.file}"

    def query(self, statement: str) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.file, timeout=20)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(statement)]

    def drop(self) -> None:
        """Nothing: the folder is the test's."""


class PostgresDatabase:
    """A database of a random name on a server where the role may create one."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._name = f"censo_{uuid.uuid4().hex[:12]}"
        self.url = urlunsplit(urlsplit(server)._replace(path=f"/{self._name}"))
        self._do("CREATE DATABASE {}")

    def query(self, statement: str) -> list[dict[str, Any]]:
        with psycopg.connect(self.url, row_factory=dict_row) as database:
            return database.execute(statement.encode()).fetchall()

    def drop(self) -> None:
        self._do("DROP DATABASE {} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as server:
            named = sql.SQL(statement).format(sql.Identifier(self._name))
            server.execute(named)


@contextmanager
def own_database(folder: Path, server: str | None = None) -> Iterator[OwnDatabase]:
    """An empty database for the length of a test: on `server`, or where the run has its own."""
    server = server or os.environ.get("TEST_DATABASE_URL", "")
    is_postgresql = server.startswith("postgres")
    database: OwnDatabase = PostgresDatabase(server) if is_postgresql else SqliteFile(folder)
    try:
        yield database
    finally:
        database.drop()
