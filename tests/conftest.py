"""The people of most tests, and settings for all tests."""

import signal

import pytest
from django.test import Client
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings

from accounts.models import CustomUser
from tests.people import new_person, new_superadmin

# A shell ignores SIGINT in what it runs in the background, and every child would inherit that:
# tests that send Ctrl-C to a process of their own would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says something of the machine's other work, and nothing of the code.
hypothesis_settings.register_profile("no deadline", deadline=None)
hypothesis_settings.load_profile("no deadline")


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """The real hashers are slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
