"""The people of most tests, and settings for all tests."""

import gc
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings

from accounts.models import CustomUser
from tests import databases, surroundings
from tests.people import new_person, new_superadmin

# The time that an example takes depends on the machine's other work.
hypothesis_settings.register_profile(
    "no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("no clock")

DATABASES = {"db", "transactional_db", "fresh_database", "stack"}
"""The fixtures that give a test a database."""


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Free the tests of what the shell handed down; pytest itself has read NO_COLOR and the like.

    Under xdist, whoever only hands tests out keeps ignoring what nohup ignores: its workers
    would otherwise be ended by a SIGHUP before they can see to it themselves.
    """
    surroundings.make_ordinary()
    if config.getoption("dist", "no") == "no":
        surroundings.hand_no_signal_setting_down()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses a database, by its marker or by a fixture behind one of its own."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or fixtures & DATABASES:
            item.add_marker("database")


def pytest_collection_finish() -> None:
    """Let the garbage collector skip what was loaded, and run less often: it took 12 % of CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def _migrate_once() -> Iterator[None]:
    with databases.migrating_once():
        yield


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """The real hashers are slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Nothing that one test has counted is shown to the next."""
    cache.clear()


@pytest.fixture
def leader(db: None) -> CustomUser:
    """A leader with two referidos, of whom `person` is one."""
    leader = new_person("Amparo Quintero Díaz", role=CustomUser.Role.LEADER)
    new_person("Édgar Pinto Salas", referred_by=leader)
    return leader


@pytest.fixture
def person(leader: CustomUser) -> CustomUser:
    """A plain person, referred by `leader`."""
    return new_person("Camilo Suárez León", referred_by=leader)


@pytest.fixture
def stranger(db: None) -> CustomUser:
    """Another leader, with a referido of their own."""
    stranger = new_person("Rosalba Mina Torres", role=CustomUser.Role.LEADER)
    new_person("Hernando Ortiz Vega", referred_by=stranger)
    return stranger


@pytest.fixture
def fresh_leader(db: None, client: Client) -> CustomUser:
    """A leader without referidos, logged in with `client`."""
    fresh_leader = new_person("Nelly Ávila Rojas", role=CustomUser.Role.LEADER)
    client.force_login(fresh_leader)
    return fresh_leader


@pytest.fixture
def superadmin(db: None) -> CustomUser:
    return new_superadmin()
