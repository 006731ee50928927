"""Leaders with referidos in every state, made in bulk, and the sessions of their browsers."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import import_module
from itertools import count

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from accounts.consents import bulk_create_with_consent, save_with_consent
from accounts.models import CustomUser
from census.lookups.answers import lookup_after
from census.models import CedulaInfo
from census.states import Status
from scraper.errors import ScraperError, SiteTimeout
from scraper.results import Cancelled, CancelReason, Found, Lookup, NotFound

NAMES = ("Ana", "Édgar", "Inés", "José", "Luz", "Marta", "Nubia", "Óscar", "Sofía", "Iván")
SURNAMES = ("Arias", "Cano", "Díaz", "Gil", "León", "Mina", "Núñez", "Peña", "Ríos", "Suárez")
PLACES = (
    ("ANTIOQUIA", "MEDELLIN", "IE LA ESPERANZA", "CALLE 45 # 23-12"),
    ("ANTIOQUIA", "MEDELLÍN", "COLEGIO SAN MARTIN", "CARRERA 8 # 12-40"),
    ("VALLE", "CALI", "IE LA UNION", "CALLE 4 # 36-00"),
)
MIX = {
    Status.ACTIVE: 70,
    Status.NOT_FOUND: 6,
    Status.CANCELLED_OTHER: 4,
    Status.TIMEOUT: 15,
    Status.PENDING: 5,
}
"""Per cent of the referidos."""
LATER = timedelta(days=1)
"""Until pending lookups are tried next: no worker claims them while pages are measured."""

FIRST_CEDULA = 2_000_000_001


def _numbers() -> Iterator[int]:
    """Unused cédulas."""
    return count(FIRST_CEDULA + CustomUser.objects.count())


def make_leaders(leaders: int, referidos: int, failed: int | None = None) -> list[str]:
    """Make `leaders`, each with so many `referidos`; return the leaders' session keys.

    With `failed`, so many of each leader's referidos have failed and the others are found.
    """
    draw, numbers = random.Random(2026), _numbers()
    now = timezone.now()
    keys = []
    for _ in range(leaders):
        leader = _person(draw, numbers, None, now)
        leader.role = CustomUser.Role.LEADER
        bulk_create_with_consent([leader])
        _lookup(draw, leader, Status.ACTIVE).save()
        people = bulk_create_with_consent(
            _person(draw, numbers, leader, now - timedelta(minutes=referidos - n))
            for n in range(referidos)
        )
        statuses = draw.choices([*MIX], weights=[*MIX.values()], k=referidos)
        if failed is not None:
            statuses = [Status.TIMEOUT] * failed + [Status.ACTIVE] * (referidos - failed)
        CedulaInfo.objects.bulk_create(
            [
                _lookup(draw, person, status)
                for person, status in zip(people, statuses, strict=True)
            ],
            batch_size=500,
        )
        keys.append(_session(leader))
    return keys


def make_due(leader_sessions: int, number: int) -> None:
    """Make `number` new due referidos, spread over the first `leader_sessions` leaders."""
    leaders = CustomUser.objects.filter(role=CustomUser.Role.LEADER).order_by("pk")
    chosen = list(leaders[:leader_sessions])
    draw, numbers = random.Random(7), _numbers()
    for position in range(number):
        # Saved one by one, as registrations are: the signal makes and queues their lookups.
        save_with_consent(_person(draw, numbers, chosen[position % len(chosen)], timezone.now()))


def _person(
    draw: random.Random, numbers: Iterator[int], leader: CustomUser | None, joined: datetime
) -> CustomUser:
    name = (
        f"{draw.choice(NAMES)} {draw.choice(NAMES)} {draw.choice(SURNAMES)} {draw.choice(SURNAMES)}"
    )
    person = CustomUser(
        cedula=str(next(numbers)),
        nombre_completo=name,
        phone="3001234567",
        referred_by=leader,
        date_joined=joined,
    )
    person.set_unusable_password()
    return person


def _lookup(draw: random.Random, person: CustomUser, status: Status) -> CedulaInfo:
    outcome, attempts = _outcome(draw, status)
    info = lookup_after(person, outcome, person.date_joined, attempts)
    if status == Status.PENDING:
        info.next_attempt_at = timezone.now() + LATER
    return info


def _outcome(draw: random.Random, status: Status) -> tuple[Lookup | ScraperError, int]:
    """The outcome of the last attempt, and the number of attempts."""
    tries = len(settings.RETRY_DELAYS_SECONDS)
    match status:
        case Status.ACTIVE:
            return Found(*draw.choice(PLACES), str(draw.randint(1, 30))), 1
        case Status.CANCELLED_OTHER:
            return Cancelled(CancelReason.OTHER, "Pérdida de Derechos Políticos"), 1
        case Status.PENDING:
            return SiteTimeout("No answer in the time allowed."), tries
        case Status.TIMEOUT:
            return SiteTimeout("No answer in the time allowed."), tries + 1
        case _:
            return NotFound(), 1


def _session(person: CustomUser) -> str:
    """The key of a new session, logged in as `person`."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    key: str = session.session_key
    return key
