"""Threads of a web server share database connections; other processes keep one each."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

SHOW = """
from django.db import connections
options = connections["default"].settings_dict
print(options["CONN_MAX_AGE"], options["OPTIONS"].get("pool", {}).get("max_size"))
"""
COMMAND = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
"""
"""The first lines of manage.py."""


@pytest.mark.parametrize(
    ("address", "prepare", "held"),
    [
        ("postgres://u@127.0.0.1:1/d", "import config.wsgi", "0 7"),
        ("postgres://u@127.0.0.1:1/d", COMMAND, "600 None"),
        ("sqlite:///:memory:", "import config.wsgi", "600 None"),
    ],
    ids=["a web process", "a worker, a command", "SQLite"],
)
def test_web_processes_on_postgresql_share_connections_and_nobody_else(
    address: str, prepare: str, held: str
) -> None:
    assert shown(prepare, DATABASE_URL=address) == held


def test_an_address_that_stands_in_a_file_is_shared_alike(tmp_path: Path) -> None:
    file = tmp_path / "database_url"
    file.write_text("postgres://u:geheim@127.0.0.1:1/d\n", encoding="utf-8")
    assert shown("import config.wsgi", DATABASE_URL="", DATABASE_URL_FILE=str(file)) == "0 7"


def shown(prepare: str, **database: str) -> str:
    """Return (CONN_MAX_AGE, pool size) after these statements."""
    done = subprocess.run(
        [sys.executable, "-c", f"{prepare}\n{SHOW}"],
        cwd=ROOT,
        env={
            "DEBUG": "true",
            "DATABASE_POOL_SIZE": "7",
            **database,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
