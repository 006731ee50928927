"""`manage.py seed_demo`: makes invented people to try the product with."""

import random
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import CustomUser
from accounts.services import register_user
from census.lookups.answers import lookup_after
from census.management.demo_answers import BLOCKED, TIMEOUT, attempts_until_over
from census.management.demo_referidos import MOST, make_referidos, person, store
from scraper.errors import ScraperError
from scraper.results import Cancelled, CancelReason, Found, Lookup, NotFound

PASSWORD = "censo-demo-2026"  # noqa: S105  printed on purpose; the command refuses elsewhere
PHONE = "3001234567"
SUPERADMIN, LEADER, PERSON = "900100100", "1000000100", "1000000200"

ANSWERS: list[tuple[str, str, Lookup | ScraperError]] = [
    (
        "1000000301",
        "Marta Lucía Ríos Parra",
        Found("ANTIOQUIA", "MEDELLIN", "IE LA ESPERANZA", "CALLE 45 # 23-12", "7"),
    ),
    (
        "1000000302",
        "Jairo Andrés Peña Gil",
        Found("VALLE", "CALI", "COLEGIO SAN MARTIN", "CARRERA 8 # 12-40", "15"),
    ),
    ("1000000303", "Luz Dary Cano Mejía", NotFound()),
    (
        "1000000304",
        "Hernando Ortiz Vega",
        Cancelled(
            CancelReason.OTHER, "Cancelada por Doble Cedulación", "1234 de 2019", "12/03/2019"
        ),
    ),
    ("1000000305", "Rosalba Mina Torres", TIMEOUT),
    ("1000000306", "Édgar Pinto Salas", BLOCKED),
]
"""Cédula, name, and the outcome of the lookup: all invented."""
ANSWERED_AFTER = timedelta(minutes=1)
JOINED_BEFORE = timedelta(hours=2)


class Command(BaseCommand):
    help = "Makes a superadmin, a leader with referidos in several states, and a plain user."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--referidos",
            type=_number_of_referidos,
            default=0,
            metavar="N",
            help=f"invented referidos that the leader brings besides; at most {MOST}",
        )

    def handle(self, *_args: Any, referidos: int, **_options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "seed_demo makes accounts with a known password: it runs only where DEBUG is on."
            )
        with transaction.atomic():
            leader = self._seed()
            made = make_referidos(leader, referidos, PASSWORD)
        self.stdout.write("Demo accounts (all invented), password " + PASSWORD + ":")
        self.stdout.write(f"  superadmin  {SUPERADMIN}")
        self.stdout.write(f"  leader      {LEADER}")
        self.stdout.write(f"  person      {PERSON}")
        if referidos:
            self.stdout.write(f"{made} of {referidos} more referidos of the leader are new.")

    def _seed(self) -> CustomUser:
        if not CustomUser.objects.filter(cedula=SUPERADMIN).exists():
            CustomUser.objects.create_superuser(
                SUPERADMIN, PASSWORD, nombre_completo="Administración Demo"
            )
        leader = self._person(LEADER, "Amparo Quintero Díaz", None)
        CustomUser.objects.filter(pk=leader.pk).update(role=CustomUser.Role.LEADER)
        self._person(PERSON, "Camilo Suárez León", leader)
        self._add_answered(leader)
        return leader

    def _add_answered(self, leader: CustomUser) -> None:
        """Make those of ANSWERS who are missing, with their lookups."""
        hashed, joined = make_password(PASSWORD), timezone.now() - JOINED_BEFORE
        there = CustomUser.objects.filter(cedula__in=[cedula for cedula, _, _ in ANSWERS])
        taken = set(there.values_list("cedula", flat=True))
        lookups = [
            lookup_after(
                person(cedula, name, PHONE, leader, hashed, joined),
                outcome,
                joined + ANSWERED_AFTER,
                attempts_until_over(outcome),
            )
            for cedula, name, outcome in ANSWERS
            if cedula not in taken
        ]
        store(lookups, [random.Random(info.user.cedula) for info in lookups])  # noqa: S311  not secrets

    def _person(self, cedula: str, name: str, leader: CustomUser | None) -> CustomUser:
        person = CustomUser.objects.filter(cedula=cedula).first()
        return person or register_user(cedula, name, PHONE, PASSWORD, leader)


def _number_of_referidos(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) <= MOST):
        raise ArgumentTypeError(f"must be a whole number from 0 to {MOST}, and {text!r} is not.")
    return int(text)
