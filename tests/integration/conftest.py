"""Fixtures for tests that start processes of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import databases

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a process that has a fresh, migrated database to itself."""
    with databases.own_database(tmp_path) as database:
        environment = os.environ | {
            "DATABASE_URL": database.url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEBUG": "true",
            "PYTHONPATH": str(ROOT),
        }
        subprocess.run(
            [sys.executable, ROOT / "manage.py", "migrate", "--verbosity", "0"],
            env=environment,
            check=True,
        )
        yield environment
