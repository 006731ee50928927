"""One referido as a row of the table: the fields that are read, and the words that are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts import policy
from accounts.identity import cedula as cedulas
from accounts.models import CustomUser
from census.referidos.listing import TAB_STATUSES, Tab
from census.states import CANCELLED, FAILED, IN_FLIGHT, Status

STATES: Mapping[str | None, str] = {
    None: "Sin autorización",
    Status.PENDING: "En espera",
    Status.PROCESSING: "Consultando",
    Status.ACTIVE: "Encontrado",
    Status.NOT_FOUND: "No está en el censo",
    **dict.fromkeys(CANCELLED, "Cancelada"),
    Status.ERROR: "No se pudo",
    Status.TIMEOUT: "No respondió",
    Status.BLOCKED: "Rechazada",
}
"""The words for each status. A list does not say why a cédula is cancelled: it may be a death."""
WITHDRAWN = "Retiró su autorización"

MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic")
"""Used instead of Django's date filters, which took a tenth of the page's time."""

_TAB_OF: Mapping[str | None, Tab] = {
    status: tab for tab, statuses in TAB_STATUSES.items() for status in statuses
}

_FIELDS: tuple[str | Coalesce, ...] = (
    *("id", "nombre_completo", "cedula", "date_joined"),
    *("consent_version", "consent_withdrawn_at", "is_active"),
    "cedula_info__status",
    *(
        Coalesce(f"cedula_info__{name}", Value(""))  # a person without a lookup has no row there
        for name in ("municipio", "puesto", "mesa")
    ),
    *("cedula_info__attempts", "cedula_info__next_attempt_at", "cedula_info__updated_at"),
)
"""The columns of a Row, in the order of its attributes."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table."""

    user_id: int
    nombre_completo: str
    cedula: str
    date_joined: datetime
    consent_version: str
    consent_withdrawn_at: datetime | None
    is_active: bool
    status: str | None
    """None: this person has no lookup."""
    municipio: str
    puesto: str
    mesa: str
    attempts: int | None
    next_attempt_at: datetime | None
    updated_at: datetime | None

    @property
    def key(self) -> str:
        """The user id for addresses and attributes, without the thousands separator."""
        return str(self.user_id)

    @property
    def cedula_formatted(self) -> str:
        return cedulas.formatted(self.cedula)

    @property
    def joined_on(self) -> str:
        """The day of the registration, such as 24 nov 2026."""
        day = timezone.localtime(self.date_joined)
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"

    @property
    def state(self) -> str:
        """The state of the lookup in a few words."""
        return WITHDRAWN if self.consent_withdrawn_at else STATES[self.status]

    @property
    def tab(self) -> Tab:
        """The tab of the row's status; Tab.ALL without a lookup."""
        return _TAB_OF.get(self.status, Tab.ALL)

    @property
    def has_consent(self) -> bool:
        return self.consent_version in policy.versions_in_force()

    @property
    def is_in_flight(self) -> bool:
        return self.status in IN_FLIGHT

    @property
    def can_be_refreshed(self) -> bool:
        """True if the lookup failed and may be requested again."""
        return self.status in FAILED and self.has_consent and self.is_active

    @property
    def retry_at(self) -> datetime | None:
        """The moment of the next attempt; None unless the lookup waits for a retry."""
        waits = self.status == Status.PENDING and (self.attempts or 0) > 0
        return self.next_attempt_at if waits else None

    @property
    def version(self) -> str:
        """A text that changes whenever what the row shows does."""
        return str(self.updated_at.timestamp()) if self.updated_at else ""


def rows(people: QuerySet[CustomUser]) -> list[Row]:
    """The rows of these people, in the query's order."""
    return [Row(*values) for values in people.values_list(*_FIELDS)]
