"""Fixtures for tests that start processes of their own."""

import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

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


@pytest.fixture
def one_day() -> None:
    """Begin after midnight where it is near: the rows of a test are all of one day's account."""
    while timezone.localtime() + timedelta(minutes=1) >= _next_midnight():
        time.sleep(1)


def _next_midnight() -> datetime:
    tomorrow = timezone.localdate() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(tomorrow, datetime.min.time()))
