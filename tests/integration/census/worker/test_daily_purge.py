"""A running cluster deletes what is too old, by itself and in a process apart."""

import os
import signal
import subprocess
import sys

from tests.databases import OwnDatabase
from tests.paths import ROOT
from tests.stack import wait_until

# The command, but for the minute that it waits before its first look.
CLUSTER = """
from datetime import timedelta
import django
django.setup()
from django.core.management import execute_from_command_line
from django.db import connections
from django.utils import timezone
from census.worker import sentinel
from census.models import GoneLookup
long_ago = timezone.now() - timedelta(days=2000)
GoneLookup.objects.create(user_id=1, referrer_id=2, gone_at=long_ago)
connections.close_all()
sentinel.PURGE_SECONDS = 0.5
execute_from_command_line(["manage.py", "qcluster"])
"""


def test_a_cluster_deletes_what_is_too_old_and_stops_as_ever(
    own_database: dict[str, str], fresh_database: OwnDatabase
) -> None:
    ask = fresh_database.query
    cluster = subprocess.Popen(
        [sys.executable, "-c", CLUSTER],
        cwd=ROOT,
        env=own_database,
    )
    try:
        wait_until(
            lambda: ask("SELECT id FROM census_purgerun WHERE ended_at IS NOT NULL"),
            "the daily deletion ends",
        )
        assert ask("SELECT id FROM census_gonelookup") == []
        (run,) = ask("SELECT CAST(deleted AS text) AS counts FROM census_purgerun")
        assert run["counts"] == '{"gone_lookups": 1}'
        os.kill(cluster.pid, signal.SIGTERM)
        assert cluster.wait(30) == 0
    finally:
        cluster.kill()
        cluster.wait()
