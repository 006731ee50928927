"""Fixtures for tests that start processes of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import databases
from tests.paths import ROOT


@pytest.fixture
def empty_database(tmp_path: Path) -> Iterator[databases.OwnDatabase]:
    with databases.own_database(tmp_path) as database:
        yield database


@pytest.fixture
def own_database(empty_database: databases.OwnDatabase) -> dict[str, str]:
    """The environment of a process that has a fresh, migrated database to itself."""
    environment = os.environ | {
        "DATABASE_URL": empty_database.url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "true",
        "PYTHONPATH": str(ROOT),
    }
    subprocess.run(
        [sys.executable, ROOT / "manage.py", "migrate", "--verbosity", "0"],
        env=environment,
        check=True,
    )
    return environment
