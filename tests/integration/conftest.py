"""Fixtures for tests that start processes of their own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import databases
from tests.paths import ROOT


@pytest.fixture
def fresh_database(tmp_path: Path) -> Iterator[databases.OwnDatabase]:
    with databases.own_database(tmp_path) as database:
        yield database


@pytest.fixture
def own_database(fresh_database: databases.OwnDatabase) -> dict[str, str]:
    """The environment of a process that has a fresh, migrated database to itself."""
    return os.environ | {
        "DATABASE_URL": fresh_database.url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "true",
        "PYTHONPATH": str(ROOT),
    }
