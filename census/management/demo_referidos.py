"""Many invented referidos for a demo, as their registrations and lookups would have left them.

The same number always gives the same people: who is there already is left as they are.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils import timezone

from accounts import policy
from accounts.models import Consent, CustomUser, search_name
from census.management.demo_answers import MIX, draw_answer
from census.models import CedulaInfo, LookupAttempt
from census.states import SETTLED, Status
from scraper.shapes import SHAPES

MOST = 200_000
FIRST_CEDULA, BETWEEN_CEDULAS = 1_100_000_000, 397
SPAN = timedelta(days=60)
"""Over which they registered."""
LOT = 2000
"""People who are held in memory at once."""
DUE_AT_ONCE = 5
"""Of those who wait: a worker takes them up at once, and then one a minute, so that something
moves on the page for as long as anybody looks."""

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
    """Have `leader` bring the first `number` invented people; returns how many were not there."""
    now = timezone.now()
    hashed = make_password(password)  # slow on purpose, so once for all
    waits = _moments_to_wait_for(now)
    made = 0
    for start in range(0, number, LOT):
        lot = range(start, min(start + LOT, number))
        taken = set(
            CustomUser.objects.filter(cedula__in=[_cedula(place) for place in lot]).values_list(
                "cedula", flat=True
            )
        )
        new = [place for place in lot if _cedula(place) not in taken]
        people = [
            _person(place, leader, hashed, now - SPAN + SPAN * (place + 1) / (number + 1))
            for place in new
        ]
        _store(people, [random.Random(place) for place in new], waits)  # noqa: S311  not secrets
        made += len(new)
    return made


def _moments_to_wait_for(now: datetime) -> Iterator[datetime]:
    yield from [now] * DUE_AT_ONCE
    for minutes in count(1):
        yield now + timedelta(minutes=minutes)


def _cedula(place: int) -> str:
    return str(FIRST_CEDULA + place * BETWEEN_CEDULAS)


def _person(place: int, leader: CustomUser, hashed: str, joined: datetime) -> CustomUser:
    draw = random.Random(-place - 1)  # noqa: S311  the same person every time
    name = " ".join([draw.choice(NAMES), *draw.sample(SURNAMES, 2)])
    return CustomUser(
        cedula=_cedula(place),
        nombre_completo=name,
        search_name=search_name(name),
        phone=f"3{draw.choice(('00', '10', '15', '20'))}{draw.randrange(10**7):07}",
        password=hashed,
        referred_by=leader,
        consented_at=joined,
        consent_version=policy.version(),
        date_joined=joined,
    )


def _store(
    people: Sequence[CustomUser], draws: Sequence[random.Random], waits: Iterator[datetime]
) -> None:
    """Save them with all that a registration and a lookup leave, one statement for each table."""
    CustomUser.objects.bulk_create(people)
    version, fingerprint = policy.VERSION, policy.text_sha256()
    Consent.objects.bulk_create(
        Consent(
            user=person,
            version=version,
            text_sha256=fingerprint,
            channel=Consent.Channel.SERVICE,
            given_at=person.date_joined,
        )
        for person in people
    )
    lookups = CedulaInfo.objects.bulk_create(
        _lookup(person, draw, waits) for person, draw in zip(people, draws, strict=True)
    )
    # `created_at` is always the present when it is made; "who came since" goes by it.
    CedulaInfo.objects.filter(pk__in=[info.pk for info in lookups]).update(
        created_at=F("requested_at")
    )
    LookupAttempt.objects.bulk_create(
        _attempt(info, draw) for info, draw in zip(lookups, draws, strict=True) if info.attempts
    )


def _lookup(person: CustomUser, draw: random.Random, waits: Iterator[datetime]) -> CedulaInfo:
    """As it is after its last attempt, some time after the registration."""
    (status,) = draw.choices([*MIX], weights=[*MIX.values()])
    ended = min(person.date_joined + timedelta(seconds=draw.randint(60, 600)), timezone.now())
    return CedulaInfo(
        user=person,
        referrer_id=person.referred_by_id,
        status=status,
        requested_at=person.date_joined,
        next_attempt_at=next(waits) if status == Status.PENDING else person.date_joined,
        updated_at=ended,
        fetched_at=ended if status in SETTLED else None,
        **draw_answer(draw, status),
    )


def _attempt(info: CedulaInfo, draw: random.Random) -> LookupAttempt:
    """The last one: it took about as long as a captcha does."""
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
