"""`manage.py seed_demo`: invented people to try the product with."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import CustomUser
from accounts.services import register_user
from census.management.demo_referidos import MOST, make_referidos
from census.models import CedulaInfo
from census.states import Status

PASSWORD = "censo-demo-2026"  # noqa: S105  printed on purpose; the command refuses elsewhere
SUPERADMIN, LEADER, PERSON = "900100100", "1000000100", "1000000200"

ANSWERS: list[tuple[str, str, Status, dict[str, str]]] = [
    (
        "1000000301",
        "Marta Lucía Ríos Parra",
        Status.ACTIVE,
        {
            "departamento": "ANTIOQUIA",
            "municipio": "MEDELLIN",
            "puesto": "IE LA ESPERANZA",
            "direccion": "CALLE 45 # 23-12",
            "mesa": "7",
        },
    ),
    (
        "1000000302",
        "Jairo Andrés Peña Gil",
        Status.ACTIVE,
        {
            "departamento": "VALLE",
            "municipio": "CALI",
            "puesto": "COLEGIO SAN MARTIN",
            "direccion": "CARRERA 8 # 12-40",
            "mesa": "15",
        },
    ),
    ("1000000303", "Luz Dary Cano Mejía", Status.NOT_FOUND, {}),
    (
        "1000000304",
        "Hernando Ortiz Vega",
        Status.CANCELLED_OTHER,
        {
            "novedad": "Cancelada por Doble Cedulación",
            "resolucion": "1234 de 2019",
            "fecha_novedad": "12/03/2019",
        },
    ),
    (
        "1000000305",
        "Rosalba Mina Torres",
        Status.TIMEOUT,
        {"error_kind": "SiteTimeout", "error_message": "No answer in the time allowed."},
    ),
    (
        "1000000306",
        "Édgar Pinto Salas",
        Status.BLOCKED,
        {"error_kind": "SiteBlocked", "error_message": "The firewall turned us away."},
    ),
]
"""cédula, name, how its lookup ended, and with what: all invented."""


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
        for cedula, name, status, fields in ANSWERS:
            if not CustomUser.objects.filter(cedula=cedula).exists():
                referido = self._person(cedula, name, leader)
                self._pretend_answered(referido, status, fields)
        return leader

    def _person(self, cedula: str, name: str, leader: CustomUser | None) -> CustomUser:
        person = CustomUser.objects.filter(cedula=cedula).first()
        return person or register_user(cedula, name, "3001234567", PASSWORD, leader)

    def _pretend_answered(self, person: CustomUser, status: Status, fields: dict[str, str]) -> None:
        """Store an outcome that no lookup brought: the one place outside the lifecycle."""
        answered = None if status in {Status.TIMEOUT, Status.BLOCKED} else timezone.now()
        CedulaInfo.objects.filter(user=person).update(
            status=status,
            fetched_at=answered and answered - timedelta(hours=2),
            updated_at=timezone.now(),
            **fields,
        )


def _number_of_referidos(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) <= MOST):
        raise ArgumentTypeError(f"must be a whole number from 0 to {MOST}, and {text!r} is not.")
    return int(text)
