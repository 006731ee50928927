"""A running cluster deletes what is too old, by itself and in a process apart."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.stack import wait_until

ROOT = Path(__file__).resolve().parents[2]

# The command, but for the minute that it waits before its first look.
CLUSTER = """
import django
django.setup()
from django.core.management import execute_from_command_line
from census import cluster
cluster.PURGE_SECONDS = 0.5
execute_from_command_line(["manage.py", "qcluster"])
"""
OLD = (
    "INSERT INTO census_gonelookup (user_id, referrer_id, gone_at)"
    " VALUES (1, 2, '2020-01-01 00:00:00')"
)


def test_a_cluster_deletes_what_is_too_old_and_stops_as_ever(
    own_database: dict[str, str],
) -> None:
    database = own_database["DATABASE_URL"].removeprefix("sqlite:///")

    def ask(query: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(database, timeout=20) as connection:
            return connection.execute(query).fetchall()

    ask(OLD)
    cluster = subprocess.Popen(
        [sys.executable, "-c", CLUSTER],
        cwd=ROOT,
        env=own_database,
    )
    try:
        wait_until(
            lambda: ask("SELECT 1 FROM census_purgerun WHERE ended_at IS NOT NULL"),
            "the daily deletion ends",
        )
        assert ask("SELECT count(*) FROM census_gonelookup") == [(0,)]
        assert ask("SELECT deleted FROM census_purgerun") == [('{"gone_lookups": 1}',)]
        os.kill(cluster.pid, signal.SIGTERM)
        assert cluster.wait(30) == 0
    finally:
        cluster.kill()
        cluster.wait()
