"""Lookups, their attempts, the workers and the gate in the administration: to look at only."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import cedula as cedulas
from accounts.admin import ReadOnlyAdmin
from accounts.models import CustomUser
from census.accesses import record_access
from census.code_version import code_version
from census.models import CedulaInfo, DataAccess, LookupAttempt, WorkerHeartbeat
from scraper.models import SiteGate


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
    search_fields = ("user__nombre_completo", "=user__cedula", "municipio", "puesto")
    ordering = ("-updated_at",)

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
    )
    list_filter = ("outcome", "page_shape", "started_at")
    list_select_related = ("info__user",)
    search_fields = ("=info__user__cedula", "worker")

    @admin.display(description="cédula")
    def cedula(self, attempt: LookupAttempt) -> str:
        return cedulas.masked(attempt.info.user.cedula)

    @admin.display(description="segundos")
    def seconds(self, attempt: LookupAttempt) -> float | None:
        if attempt.ended_at is None:
            return None
        return round((attempt.ended_at - attempt.started_at).total_seconds(), 1)


@admin.register(WorkerHeartbeat)
class WorkerHeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("host", "pid", "version", "code", "started_at", "beat_at")
    ordering = ("-beat_at",)

    @admin.display(description="código")
    def code(self, worker: WorkerHeartbeat) -> str:
        """Whether it runs what this web process runs, or was not restarted with it."""
        return "el mismo" if worker.version == code_version() else "código distinto"


@admin.register(SiteGate)
class SiteGateAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "next_visit", "consecutive_blocks", "paused_until")

    @admin.display(description="próxima visita")
    def next_visit(self, gate: SiteGate) -> datetime:
        """The slot that is stored as seconds since the epoch."""
        return timezone.localtime(datetime.fromtimestamp(gate.next_visit_at, UTC))
