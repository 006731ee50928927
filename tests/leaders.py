"""A leader with referidos in a stack's database, and their login: for end-to-end tests."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Page

from tests.stack import Stack

PASSWORD = "una-clave-larga"

MAKE = """
from datetime import timedelta
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from accounts.consents import bulk_create_with_consent
from accounts.models import CustomUser
from census.models import CedulaInfo

password = make_password({password!r})

def make(cedula, name, leader, **fields):
    return CustomUser(
        cedula=cedula, nombre_completo=name, password=password,
        referred_by=leader, **fields
    )

leader = CustomUser.objects.filter(cedula={leader!r}).first()
if leader is None:
    leader = make({leader!r}, "Amparo Quintero Díaz", None, role={role!r})
    bulk_create_with_consent([leader])
people = bulk_create_with_consent(
    make(cedula, name, leader) for cedula, name, fields in {people!r}
)
CedulaInfo.objects.bulk_create(
    CedulaInfo(
        user=person, updated_at=timezone.now() - timedelta(minutes={minutes_ago}), **fields
    )
    for person, (cedula, name, fields) in zip(people, {people!r}) if fields is not None
)
"""

CHANGE = """
from django.db.models.functions import Now
from accounts.models import CustomUser
from census.models import CedulaInfo
CedulaInfo.objects.filter(user__cedula__in={cedulas!r}).update(updated_at=Now(), **{fields!r})
"""
"""Change rows as a worker does, for tests about the page alone."""

PLACE = {
    "status": "ACTIVE",
    "departamento": "ANTIOQUIA",
    "municipio": "MEDELLIN",
    "puesto": "IE LA ESPERANZA",
    "direccion": "CALLE 45 # 23-12",
    "mesa": "7",
}
FAILED = {"status": "TIMEOUT", "error_kind": "SiteTimeout"}
NOVEDAD = {"status": "CANCELLED_OTHER", "novedad": "Cancelada por Doble Cedulación"}

Person = tuple[str, str, dict[str, Any] | None]
"""(cédula, name, fields of their lookup; None for no lookup)."""


@dataclass(frozen=True, slots=True)
class Leader:
    """A leader in `site`."""

    site: Stack
    cedula: str

    def bring(self, *people: Person, minutes_ago: int = 1, role: str = "LEADER") -> None:
        """Register these people as their referidos, and the leader if needed."""
        self._shell(
            MAKE,
            leader=self.cedula,
            people=list(people),
            password=PASSWORD,
            minutes_ago=minutes_ago,
            role=role,
        )

    def change(self, *cedulas: str, **fields: Any) -> None:
        """Change these people's lookups now."""
        self._shell(CHANGE, cedulas=cedulas, fields=fields)

    def enter(self, page: Page, path: str = "/referidos/") -> None:
        page.goto(f"{self.site.web_url}/ingresar/?next={quote(path)}")
        page.get_by_label("Cédula").fill(self.cedula)
        page.locator("#id_password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Ingresar").click()
        page.wait_for_url(f"{self.site.web_url}{path}")

    def statuses(self) -> dict[str, str]:
        """{cédula: status} of their referidos' lookups."""
        rows = self.site.query(
            "SELECT person.cedula, info.status, leader.cedula AS leader"
            " FROM census_cedulainfo info"
            " JOIN accounts_customuser person ON person.id = info.user_id"
            " JOIN accounts_customuser leader ON leader.id = person.referred_by_id"
        )
        return {row["cedula"]: row["status"] for row in rows if row["leader"] == self.cedula}

    def _shell(self, script: str, **values: Any) -> None:
        self.site.manage("shell", "-v0", "-c", script.format(**values))


def crowd(first: int, number: int, fields: dict[str, Any]) -> list[Person]:
    """So many people with lookups of `fields`, from `Persona 001` on."""
    return [(f"{first + 100 * i}", f"Persona {i + 1:03}", fields) for i in range(number)]
