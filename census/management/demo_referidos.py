"""Invented referidos for a demo, as their registrations and lookups would have left them.

The same number always gives the same people: those who exist already are left as they are.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils import timezone

from accounts.consents import bulk_create_with_consent
from accounts.models import CustomUser
from census.lookups.answers import lookup_after
from census.management.demo_answers import MIX, draw_outcome
from census.models import CedulaInfo, LookupAttempt
from census.states import Status
from scraper.shapes import SHAPES

MOST = 200_000
FIRST_CEDULA, BETWEEN_CEDULAS = 1_100_000_000, 397
SPAN = timedelta(days=60)
"""The time over which they registered."""
LOT = 2000
"""Number of people held in memory at once."""
DUE_AT_ONCE = 5
"""Number of waiting lookups that a worker takes up at once; then comes one a minute, so that the
page keeps changing while somebody looks at it."""

NAMES = (
    *("Adriana", "Alba Lucía", "Álvaro", "Andrés Felipe", "Ángela", "Beatriz", "Camilo"),
    *("César Augusto", "Claudia", "Édgar", "Edilma", "Fabián", "Gloria Inés", "Héctor", "Iván"),
    *("Jairo", "José Luis", "Juan Sebastián", "Leidy Johana", "Luz Dary", "María Fernanda"),
    *("Martha Cecilia", "Mónica", "Nubia", "Óscar", "Rosalba", "Sofía", "Wilson", "Yesid", "Zoila"),
)
SURNAMES = (
    *("Agudelo", "Arboleda", "Bedoya", "Cano", "Castaño", "Cifuentes", "Díaz", "Echeverri"),
    *("Galeano", "Gil", "Hincapié", "Ibáñez", "Jaramillo", "León", "Marín", "Mejía", "Mosquera"),
    *("Muñoz", "Núñez", "Ospina", "Patiño", "Peña", "Quiñones", "Ríos", "Rojas", "Sepúlveda"),
    *("Tobón", "Úsuga", "Vélez", "Zapata"),
)


def make_referidos(leader: CustomUser, number: int, password: str) -> int:
    """Make the first `number` invented referidos of `leader`; return how many are new."""
    now = timezone.now()
    hashed = make_password(password)  # slow on purpose, so once for all
    waits = _moments_to_wait_for(now)
    made = 0
    for start in range(0, number, LOT):
        lot = range(start, min(start + LOT, number))
        taken = set(
            CustomUser.objects.filter(cedula__in=[_cedula(nth) for nth in lot]).values_list(
                "cedula", flat=True
            )
        )
        new = [nth for nth in lot if _cedula(nth) not in taken]
        draws = [random.Random(nth) for nth in new]  # noqa: S311  the same lookups every time
        people = [
            _person(nth, leader, hashed, now - SPAN + SPAN * (nth + 1) / (number + 1))
            for nth in new
        ]
        lookups = [_lookup(*pair, waits) for pair in zip(people, draws, strict=True)]
        store(lookups, draws)
        made += len(new)
    return made


def _moments_to_wait_for(now: datetime) -> Iterator[datetime]:
    yield from [now] * DUE_AT_ONCE
    for minutes in count(1):
        yield now + timedelta(minutes=minutes)


def _cedula(nth: int) -> str:
    return str(FIRST_CEDULA + nth * BETWEEN_CEDULAS)


def _person(nth: int, leader: CustomUser, hashed: str, joined: datetime) -> CustomUser:
    draw = random.Random(-nth - 1)  # noqa: S311  the same person every time
    name = " ".join([draw.choice(NAMES), *draw.sample(SURNAMES, 2)])
    phone = f"3{draw.choice(('00', '10', '15', '20'))}{draw.randrange(10**7):07}"
    return person(_cedula(nth), name, phone, leader, hashed, joined)


def person(
    cedula: str, name: str, phone: str, leader: CustomUser, hashed: str, joined: datetime
) -> CustomUser:
    """An unsaved person who registered at `joined`."""
    return CustomUser(
        cedula=cedula,
        nombre_completo=name,
        phone=phone,
        password=hashed,
        referred_by=leader,
        date_joined=joined,
    )


def store(lookups: Sequence[CedulaInfo], draws: Sequence[random.Random]) -> None:
    """Save lookups with their people, consents and last attempts, one statement for each table."""
    bulk_create_with_consent(info.user for info in lookups)
    CedulaInfo.objects.bulk_create(lookups)
    # A new row's `created_at` is always the present; the pages' count of new people goes by it.
    CedulaInfo.objects.filter(pk__in=[info.pk for info in lookups]).update(
        created_at=F("requested_at")
    )
    LookupAttempt.objects.bulk_create(
        _attempt(info, draw) for info, draw in zip(lookups, draws, strict=True)
    )


def _lookup(person: CustomUser, draw: random.Random, waits: Iterator[datetime]) -> CedulaInfo:
    """The lookup after its last attempt, some time after the registration."""
    (status,) = draw.choices([*MIX], weights=[*MIX.values()])
    ended = min(person.date_joined + timedelta(seconds=draw.randint(60, 600)), timezone.now())
    outcome, attempts = draw_outcome(draw, status)
    info = lookup_after(person, outcome, ended, attempts)
    if info.status == Status.PENDING:
        info.next_attempt_at = next(waits)
    return info


def _attempt(info: CedulaInfo, draw: random.Random) -> LookupAttempt:
    """The last attempt, which took about as long as a captcha does."""
    return LookupAttempt(
        info=info,
        claim=UUID(int=draw.getrandbits(128), version=4),
        number=info.attempts,
        worker="demo",
        started_at=info.updated_at - timedelta(seconds=draw.uniform(9, 45)),
        ended_at=info.updated_at,
        outcome=info.error_kind or info.status,
        page_shape=draw.choice(SHAPES).name,
        solves_paid=1,
    )
