"""`manage.py backup`: while people register, over other files, on a database that is damaged."""

import os
import re
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.databases import migrated_file
from tests.paths import ROOT
from tests.stack import wait_until


def manage(url: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)],
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A migrated SQLite file in a folder of its own, in the product's own journal mode."""
    (tmp_path / "data").mkdir()
    return migrated_file(tmp_path / "data").rename(tmp_path / "data" / "censo.sqlite3")


def back_up(database: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return manage(f"sqlite:///{database}", "backup", *arguments)


def pairs(database: sqlite3.Connection) -> list[int]:
    return [
        database.execute(f"SELECT count(*) FROM django_q_{table}").fetchone()[0]  # noqa: S608
        for table in ("ormq", "task")
    ]


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """Somebody writes all the while, two rows of two tables at a time."""
    stop, began = threading.Event(), threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(file, timeout=20, isolation_level=None)) as database:
            number = 0
            while not stop.is_set():
                number += 1
                database.execute("BEGIN IMMEDIATE")
                database.execute("INSERT INTO django_q_ormq (key, payload) VALUES ('k', 'p')")
                database.execute(
                    "INSERT INTO django_q_task (id, name, func, started, stopped, success,"
                    " attempt_count) VALUES (?, 'n', 'f', '2026-11-24', '2026-11-24', 1, 1)",
                    (f"{number:032}",),
                )
                database.execute("COMMIT")
                began.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert began.wait(20)
        yield
    finally:
        stop.set()
        writer.join()


def test_a_backup_taken_while_somebody_writes_is_one_moment_of_the_database(
    database: Path, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.sqlite3"
    with writing(database), closing(sqlite3.connect(database)) as live:
        before = pairs(live)[0]
        done = back_up(database, backup)
        with closing(sqlite3.connect(backup)) as copy:
            copied = pairs(copy)
        wait_until(lambda: pairs(live)[0] > copied[0], "the writer was not held up for good")

    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(rf"{re.escape(str(backup))}: [\d,]+ bytes, checked\.\n", done.stdout)
    assert copied[0] == copied[1] >= before
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.sqlite3", "data"]


def test_a_file_that_is_there_is_replaced_only_when_asked_to(
    database: Path, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.sqlite3"
    backup.write_text("something else")
    backup.chmod(0o644)

    refused = back_up(database, backup)
    assert refused.returncode == 1
    assert "exists: name another file, or add --force." in refused.stderr
    assert backup.read_text() == "something else"

    assert back_up(database, backup, "--force").returncode == 0
    assert backup.read_bytes().startswith(b"SQLite format 3\0")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_the_database_itself_is_no_place_for_its_backup(database: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.sqlite3"
    link.symlink_to(database)

    for place in (database, link):
        refused = back_up(database, place, "--force")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "is the database itself." in refused.stderr


@pytest.mark.parametrize(
    ("owner", "place", "sentence"),
    [
        ("auth_permission", 0, "could not be copied: database disk image is malformed."),
        # The end of a page holds its first rows: an index that no longer agrees with its table.
        (
            "auth_permission_content_type_id_codename_01ab375a_uniq",
            4096 - 16,
            "is damaged, and was not backed up: ",
        ),
    ],
    ids=["a page that is none", "an index that lost rows"],
)
def test_a_damaged_database_makes_no_backup_and_keeps_the_last_one(
    database: Path, tmp_path: Path, owner: str, place: int, sentence: str
) -> None:
    backup = tmp_path / "backup.sqlite3"
    assert back_up(database, backup).returncode == 0
    good = backup.read_bytes()
    with closing(sqlite3.connect(database)) as live:
        live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = live.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (owner,)
        ).fetchone()[0]
    with database.open("r+b") as damaged:
        damaged.seek((root - 1) * 4096 + place)
        damaged.write(bytes(16))

    refused = back_up(database, backup, "--force")

    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert backup.read_bytes() == good
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.sqlite3", "data"]


def test_a_place_that_cannot_be_written_is_told_in_one_sentence(
    database: Path, tmp_path: Path
) -> None:
    refused = back_up(database, tmp_path / "no/such/folder/backup.sqlite3", "--force")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "could not be written" in refused.stderr


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    refused = back_up(tmp_path / "none.sqlite3", tmp_path / "backup.sqlite3")
    assert refused.returncode == 1
    assert "There is no database at" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_in_a_folder_the_youngest_are_kept_and_nothing_else_is_touched(
    database: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old = ["censo-2026-10-31-032000.sqlite3", "censo-2026-11-01-032000.sqlite3"]
    others = ["censo-2026-10-30-032000.sqlite3.old", "censo.sqlite3", "notes.txt"]
    for name in [*old, *others]:
        (folder / name).touch()

    done = back_up(database, "--keep", 2, folder)

    assert done.returncode == 0
    [new] = {path.name for path in folder.iterdir()} - {*old, *others}
    assert re.fullmatch(r"censo-20\d\d-\d\d-\d\d-\d{6}\.sqlite3", new)
    assert {path.name for path in folder.iterdir()} == {old[1], *others, new}
    written, deleted = done.stdout.splitlines()
    assert written.startswith(f"{folder / new}: ")
    assert deleted == f"{folder / old[0]}: deleted."
    # Within the same second the next one would have its name, and be refused.
    (folder / new).rename(folder / "censo-2026-11-02-032000.sqlite3")
    assert back_up(database, folder).returncode == 0
    assert len(list(folder.iterdir())) == 6


def test_a_backup_that_fails_deletes_none_of_the_older_ones(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in (1, 2, 3):
        (folder / f"censo-2026-11-0{day}-032000.sqlite3").touch()
    assert back_up(tmp_path / "none.sqlite3", "--keep", 1, folder).returncode == 1
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize(
    ("keep", "place", "sentence"),
    [
        ("2", "backup.sqlite3", "--keep needs a folder, and "),
        ("0", ".", "must be a whole number from 1 on, and '0' is not."),
    ],
)
def test_keeping_some_needs_a_folder_and_a_number(
    database: Path, tmp_path: Path, keep: str, place: str, sentence: str
) -> None:
    refused = back_up(database, "--keep", keep, tmp_path / place)
    assert refused.returncode != 0
    assert sentence in refused.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_on_postgresql_its_own_tool_is_named_without_the_password(tmp_path: Path) -> None:
    refused = manage(
        "postgres://censo:geheim@db.example.org:5433/censo_al_dia", "backup", tmp_path / "a b.dump"
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert (
        f"pg_dump --format=custom '--file={tmp_path / 'a b.dump'}' --host=db.example.org"
        " --port=5433 --username=censo censo_al_dia"
    ) in refused.stderr
    assert "geheim" not in refused.stderr
