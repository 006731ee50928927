"""Lookups, exports, the workers and the gate in the administration.

All read-only; superusers may queue failed lookups again.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.admin import ReadOnlyAdmin
from accounts.identity import cedula as cedulas
from accounts.models import CustomUser
from census.models import (
    BulkRefresh,
    CedulaInfo,
    DataAccess,
    ExportRecord,
    LookupAttempt,
    PurgeRun,
    WorkerHeartbeat,
)
from census.operation import acts
from census.privacy.accesses import record_access
from census.worker.code_version import code_version
from scraper.models import SiteGate

PURGED = {
    "raw_responses": "textos de páginas",
    "attempts": "intentos",
    "bulk_refreshes": "pedidos de muchas consultas",
    "gone_lookups": "avisos de consultas borradas",
    "accesses": "accesos a datos",
    "exports": "exportaciones",
    "admin_log": "acciones en la administración",
    "proofs": "pruebas de cuentas borradas",
    "purge_runs": "borrados anteriores",
    "sessions": "sesiones vencidas",
    "open_sessions": "sesiones cerradas",
    "throttle_counters": "contadores de intentos",
    "failed_tasks": "tareas fallidas",
    "accounts": "cuentas",
    "lookups_of_superusers": "consultas de administradores",
}
"""{name of the rule in `census.privacy.retention`: label}."""

SKIPPED = {
    "settled": "{} con respuesta del censo",
    "in_flight": "{} en camino",
    "no_consent": "{} sin autorización vigente o con la cuenta cerrada",
}
"""{reason in `census.operation.acts.Requested`: label}."""


@admin.register(CedulaInfo)
class CedulaInfoAdmin(ReadOnlyAdmin):
    list_display = (
        "person",
        "status",
        "municipio",
        "attempts",
        "error_kind",
        "requested_at",
        "fetched_at",
    )
    list_filter = ("status", "priority", "error_kind", "departamento")
    list_select_related = ("user",)
    search_fields = (
        *("user__nombre_completo", "=user__cedula", "municipio", "puesto"),
        "=request_id",
    )
    ordering = ("-updated_at",)
    actions = ("look_up_again",)

    def has_look_up_again_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, CustomUser) and request.user.is_superuser

    @admin.action(description="Consultar de nuevo los seleccionados", permissions=["look_up_again"])
    def look_up_again(self, request: HttpRequest, rows: QuerySet[CedulaInfo]) -> None:
        if not isinstance(request.user, CustomUser):
            raise PermissionDenied
        requested = acts.request_again(request.user, rows)
        messages.success(request, _queued_text(requested.queued))
        if requested.skipped:
            skipped = (SKIPPED[why].format(number) for why, number in requested.skipped.items())
            messages.warning(request, f"Omitidos: {', '.join(skipped)}.")

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002  Django's own signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: CedulaInfo | None = None,
    ) -> HttpResponse:
        if obj is not None and isinstance(request.user, CustomUser):
            record_access(request.user, [obj.user], DataAccess.Action.OPENED)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description="persona", ordering="user__nombre_completo")
    def person(self, info: CedulaInfo) -> str:
        return str(info.user)


@admin.register(LookupAttempt)
class LookupAttemptAdmin(ReadOnlyAdmin):
    list_display = (
        "started_at",
        "cedula",
        "number",
        "outcome",
        "seconds",
        "page_shape",
        "solves_paid",
        "worker",
        "request_id",
    )
    list_filter = ("outcome", "page_shape", "started_at")
    list_select_related = ("info__user",)
    search_fields = ("=info__user__cedula", "worker", "=request_id")

    @admin.display(description="cédula")
    def cedula(self, attempt: LookupAttempt) -> str:
        return cedulas.masked(attempt.info.user.cedula)

    @admin.display(description="segundos")
    def seconds(self, attempt: LookupAttempt) -> float | None:
        if attempt.ended_at is None:
            return None
        return round((attempt.ended_at - attempt.started_at).total_seconds(), 1)


@admin.register(ExportRecord)
class ExportRecordAdmin(ReadOnlyAdmin):
    list_display = ("exported_by", "content", "format", "filter_text", "row_count", "exported_at")
    list_filter = ("content", "format", "exported_at")
    list_select_related = ("exported_by",)
    search_fields = ("exported_by__nombre_completo", "=exported_by__cedula")

    @admin.display(description="filtro", ordering="filter", empty_value="Sin filtro")
    def filter_text(self, record: ExportRecord) -> str | None:
        """The address's query, decoded."""
        return unquote_plus(record.filter.removeprefix("?")) or None


@admin.register(BulkRefresh)
class BulkRefreshAdmin(ReadOnlyAdmin):
    list_display = ("requested_at", "requested_by", "queued", "cancelled_at", "closed_at")
    list_select_related = ("requested_by",)
    search_fields = ("requested_by__nombre_completo", "=requested_by__cedula")
    ordering = ("-requested_at",)


@admin.register(WorkerHeartbeat)
class WorkerHeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("host", "pid", "version", "code", "started_at", "beat_at")
    ordering = ("-beat_at",)

    @admin.display(description="código")
    def code(self, worker: WorkerHeartbeat) -> str:
        """Tell whether it runs the code of this web process; otherwise it was not restarted."""
        return "el mismo" if worker.version == code_version() else "código distinto"


@admin.register(PurgeRun)
class PurgeRunAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "ended_at", "by_itself", "counts")

    @admin.display(description="diario", boolean=True)
    def by_itself(self, run: PurgeRun) -> bool:
        return run.day is not None

    @admin.display(description="borrado")
    def counts(self, run: PurgeRun) -> str:
        counts = (f"{PURGED.get(name, name)}: {number}" for name, number in run.deleted.items())
        return ", ".join(counts) or "nada"


@admin.register(SiteGate)
class SiteGateAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "next_visit", "consecutive_blocks", "paused_until", "held_until")

    @admin.display(description="próxima visita")
    def next_visit(self, gate: SiteGate) -> datetime:
        """The next slot, which is stored as seconds since the epoch."""
        return timezone.localtime(datetime.fromtimestamp(gate.next_visit_at, UTC))


def _queued_text(number: int) -> str:
    match number:
        case 0:
            return "Ninguno de los seleccionados se vuelve a consultar."
        case 1:
            return "1 consulta volvió a la fila."
    return f"{number} consultas volvieron a la fila."
