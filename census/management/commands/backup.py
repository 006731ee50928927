"""`manage.py backup PATH`: a copy of the SQLite database, taken while it is in use."""

import os
import re
import secrets
import shlex
import sqlite3
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

BUSY_SECONDS = 20.0

DATED = "censo-{:%Y-%m-%d-%H%M%S}.sqlite3"
IS_DATED = re.compile(r"censo-\d{4}-\d\d-\d\d-\d{6}\.sqlite3")
"""Names of backups in a folder: a later one sorts behind an earlier one."""


class Command(BaseCommand):
    help = (
        "Copies the SQLite database to PATH while it is in use, and checks the copy. It holds"
        " personal data: keep it where nobody else reads it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path",
            metavar="PATH",
            type=Path,
            help="where the copy goes; in a folder that is there it is named by the time",
        )
        parser.add_argument("--force", action="store_true", help="replace what is at PATH")
        parser.add_argument(
            "--keep",
            type=_number_of_backups,
            metavar="N",
            help="delete all but the N youngest of those in the folder PATH",
        )

    def handle(
        self, *_args: Any, path: Path, force: bool, keep: int | None, **_options: Any
    ) -> None:
        folder = path if path.is_dir() else None
        if keep and not folder:
            raise CommandError(f"--keep needs a folder, and {path} is none.")
        if folder:
            path = folder / DATED.format(timezone.localtime())
        self._back_up(path, force=force)
        if keep and folder:
            self._delete_all_but(keep, folder)

    def _back_up(self, path: Path, *, force: bool) -> None:
        if connection.vendor != "sqlite":
            raise CommandError(f"PostgreSQL has its own tool for this: {pg_dump(path)}")
        database = Path(str(connection.settings_dict["NAME"]))
        try:
            require_target(path, database, force=force)
            back_up(database, path, force=force)
        except FileExistsError:
            raise CommandError(f"{path} exists: name another file, or add --force.") from None
        except OSError as problem:
            raise CommandError(f"The backup could not be written: {problem}.") from problem
        except sqlite3.Error as problem:
            raise CommandError(f"The database could not be copied: {problem}.") from problem
        self.stdout.write(f"{path}: {path.stat().st_size:,} bytes, checked.")

    def _delete_all_but(self, keep: int, folder: Path) -> None:
        """Delete only files named by this command, so that no other file is lost."""
        backups = sorted(path for path in folder.iterdir() if IS_DATED.fullmatch(path.name))
        for old in backups[:-keep]:
            try:
                old.unlink(missing_ok=True)
            except OSError as problem:
                raise CommandError(f"{old} could not be deleted: {problem.strerror}.") from problem
            self.stdout.write(f"{old}: deleted.")


def require_target(path: Path, database: Path, *, force: bool) -> None:
    """Raise FileExistsError if PATH is taken, CommandError if it is the database itself."""
    if not database.is_file():
        raise CommandError(f"There is no database at {database}.")
    if path.exists() and path.samefile(database):
        raise CommandError(f"{path} is the database itself.")
    if path.exists() and not force:
        raise FileExistsError(path)


def back_up(database: Path, path: Path, *, force: bool) -> None:
    """Put a checked copy of `database` at `path`: all of it, or nothing.

    Raise FileExistsError if `path` is taken and `force` is off, other OSErrors, sqlite3.Error, and
    CommandError if the copy is damaged.
    """
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        # Made before SQLite opens it: SQLite would set its permissions by the umask.
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        copy(database, partial)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        if force:
            partial.replace(path)
        else:
            path.hardlink_to(partial)  # unlike a rename, it never replaces a file made meanwhile
    finally:
        partial.unlink(missing_ok=True)


def copy(database: Path, target: Path) -> None:
    """Copy the database as of one moment into one file; raise CommandError if it is damaged."""
    with (
        closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as source,
        closing(sqlite3.connect(target)) as backup,
    ):
        # All pages in one step: a reader of the write-ahead log blocks no writer, while a copy in
        # several steps would start again at each write of another process.
        source.backup(backup)
        # A write-ahead log beside the copy is easy to lose; the product turns it on again.
        backup.execute("PRAGMA journal_mode=DELETE")
        problems = [row[0] for row in backup.execute("PRAGMA integrity_check")]
    if problems != ["ok"]:
        raise CommandError(f"The database is damaged, and was not backed up: {problems[0]}.")


def pg_dump(path: Path) -> str:
    """The command line that backs the PostgreSQL database up; pg_dump asks for the password."""
    database = connection.settings_dict
    where = {"host": database["HOST"], "port": database["PORT"], "username": database["USER"]}
    options = [f"--{name}={value}" for name, value in where.items() if value]
    return shlex.join(
        ["pg_dump", "--format=custom", f"--file={path}", *options, str(database["NAME"])]
    )


def _number_of_backups(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) >= 1):
        raise ArgumentTypeError(f"must be a whole number from 1 on, and {text!r} is not.")
    return int(text)
