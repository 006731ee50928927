"""All data that is kept about a person, for the page «Mis datos» and as a document to download.

The document's keys are Spanish, because people read them. A test walks the models: a new field or
table about a person must be added here, or be listed in the test as not theirs.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone

from accounts import policy
from accounts.consents import accepts_messages
from accounts.login import second_step
from accounts.models import Consent, CustomUser, PolicyText
from census.models import CedulaInfo, DataAccess, ExportRecord

SHOWN_ACCESSES = 50
"""Accesses on the page; the document has all."""


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """A consent as its person sees it."""

    consent: Consent
    text: str | None
    """The policy's text; None if older code kept only its fingerprint."""

    @property
    def state(self) -> str:
        if self.consent.withdrawn_at is not None:
            return "Retirada"
        is_old = self.consent.version not in policy.versions_in_force()
        return "De una versión anterior" if is_old else "Vigente"


def page_context(person: CustomUser) -> dict[str, Any]:
    """The context of the page «Mis datos»."""
    accesses = person.data_accesses.select_related("viewer")
    shown = list(accesses[: SHOWN_ACCESSES + 1])
    return {
        "info": CedulaInfo.objects.filter(user=person).first(),
        "consents": given_consents(person),
        "accepts_messages": accepts_messages(person),
        "accesses": shown[:SHOWN_ACCESSES],
        "has_more_accesses": len(shown) > SHOWN_ACCESSES,
        "referral_count": person.referrals.count(),
    }


def given_consents(person: CustomUser) -> list[GivenConsent]:
    """All consents that `person` gave, the latest first."""
    consents = list(person.consents.all())
    texts = PolicyText.objects.in_bulk([consent.text_sha256 for consent in consents])
    return [
        GivenConsent(consent, text.text if (text := texts.get(consent.text_sha256)) else None)
        for consent in consents
    ]


def agreed_text(person: CustomUser, sha256: str) -> PolicyText | None:
    """The policy text with that fingerprint; None unless `person` has agreed to it."""
    if not person.consents.filter(text_sha256=sha256).exists():
        return None
    return PolicyText.objects.filter(sha256=sha256).first()


# --- The document -------------------------------------------------------------------------------


def document(person: CustomUser) -> dict[str, Any]:
    """All data about `person`, ready for JSON.

    Of other people it has only the names of who invited them and who saw their data.
    """
    return {
        "generado": _moment(timezone.now()),
        "responsable": asdict(policy.responsible()),
        "cuenta": _account(person),
        "invitado_por": person.referred_by.nombre_completo if person.referred_by else None,
        "cantidad_de_referidos": person.referrals.count(),
        "autorizacion": _present_consent(person),
        "autorizaciones": [_consent(given) for given in given_consents(person)],
        "censo": _lookup(person),
        "accesos_a_mis_datos": [_access(access) for access in _accesses(person)],
        "exportaciones_que_hice": [_export(export) for export in person.exports.all()],
        "consultas_de_muchas_que_pedi": [
            _fields(bulk, "requested_at", "queued", "cancelled_at", "closed_at")
            for bulk in person.bulk_refreshes.order_by("-requested_at")
        ],
        "sesiones_abiertas": [
            _fields(session, "began_at", "ip_address", "user_agent")
            for session in person.open_sessions.all()
        ],
    }


def _account(person: CustomUser) -> dict[str, Any]:
    return _fields(
        person,
        *("cedula", *person.OWN_FIELDS, "referral_code", "referral_goal"),
        *("date_joined", "last_login", "is_active", "is_staff", "is_superuser"),
    ) | {
        "rol": person.get_role_display(),
        "verificación en dos pasos": second_step.is_on(person),  # never its secret
        "permisos": sorted(str(permission) for permission in person.user_permissions.all()),
        "grupos": sorted(group.name for group in person.groups.all()),
    }


def _present_consent(person: CustomUser) -> dict[str, Any]:
    return {
        "vigente": person.has_consent,
        "desde": _moment(person.consented_at),
        "version": person.consent_version,
        "retirada": _moment(person.consent_withdrawn_at),
    }


def _consent(given: GivenConsent) -> dict[str, Any]:
    consent = given.consent
    return {
        "para": consent.get_purpose_display(),
        "canal": consent.get_channel_display(),
        "estado": given.state,
        **_fields(consent, "version", "given_at", "withdrawn_at", "ip_address", "user_agent"),
        "huella_del_texto": consent.text_sha256,
        "texto": given.text,
    }


def _lookup(person: CustomUser) -> dict[str, Any] | None:
    info = CedulaInfo.objects.filter(user=person).first()
    if info is None:
        return None
    return {
        "estado": info.get_status_display(),
        **_fields(
            info,
            *("departamento", "municipio", "puesto", "direccion", "mesa"),
            *("latitude", "longitude", "novedad", "resolucion", "fecha_novedad"),
            *("created_at", "requested_at", "refresh_requested_at", "fetched_at", "updated_at"),
            *("next_attempt_at", "attempts", "retry_count"),
            *("error_kind", "error_message", "raw_response", "request_id"),
        ),
        "intentos": [
            _fields(
                attempt,
                *("number", "request_id", "started_at", "ended_at", "outcome", "solves_paid"),
            )
            for attempt in info.attempt_log.all()
        ],
    }


def _accesses(person: CustomUser) -> Iterable[DataAccess]:
    return person.data_accesses.select_related("viewer").iterator(chunk_size=2000)


def _access(access: DataAccess) -> dict[str, Any]:
    return {
        "fecha": _moment(access.at),
        "quien": access.viewer.nombre_completo if access.viewer else "una cuenta que ya no existe",
        "que": access.get_action_display(),
    }


def _export(export: ExportRecord) -> dict[str, Any]:
    return {
        "fecha": _moment(export.exported_at),
        "contenido": export.get_content_display(),
        "formato": export.get_format_display(),
        "filtro": export.filter,
        "filas": export.row_count,
    }


def _fields(row: Model, *names: str) -> dict[str, Any]:
    """{the field's verbose name: its value} of these fields of a row."""
    document = {}
    for name in names:
        value = getattr(row, name)
        field = row._meta.get_field(name)  # noqa: SLF001  Django's documented way to a field
        label = str(field.verbose_name)  # type: ignore[union-attr]
        document[label] = _moment(value) if isinstance(value, datetime) else value
    return document


def _moment(when: datetime | None) -> str | None:
    """ISO 8601 in TIME_ZONE, with the offset from UTC."""
    return timezone.localtime(when).isoformat(timespec="seconds") if when else None
