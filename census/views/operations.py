"""The operations page of the administration, for superusers alone."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import HtmxRequest
from accounts.models import CustomUser
from census.operation import acts, state, tables
from census.operation.forms import PauseForm
from scraper.gate.visits import Gate

View = Callable[[HttpRequest], HttpResponseBase]


def for_superusers(view: View) -> View:
    """Require the administration's login, with its second step, and a superuser; else 403.

    A poll of somebody who is not logged in redirects the whole page to that login.
    """

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_superuser:
            raise PermissionDenied
        return view(request)

    logged_in = admin.site.admin_view(guarded)

    @wraps(view)
    def with_login(request: HttpRequest) -> HttpResponseBase:
        if cast("HtmxRequest", request).htmx and not admin.site.has_permission(request):
            return HttpResponseClientRedirect(reverse("operacion:operacion"))
        return logged_in(request)

    return with_login


@for_superusers
@require_safe
def operation(request: HttpRequest) -> HttpResponse:
    """The operations page; for htmx, its fragment that changes."""
    context = tables.context_of(state.operation(), state.latest_acts())
    if cast("HtmxRequest", request).htmx:
        return render(request, "census/operacion/_operacion.html", context)
    return _page(request, "operacion", "Operación", context)


@for_superusers
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: HttpRequest) -> HttpResponse:
    """Ask for how long, and pause the gate."""
    form = PauseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        acts.pause(_operator(request), _gate(), form.minutes)
        messages.success(
            request, "Las consultas están en pausa. Lo que ya estaba en consulta termina."
        )
        return redirect("operacion:operacion")
    status = 422 if form.is_bound else 200
    return _page(request, "pausar", "Pausar las consultas", {"form": form}, status)


@for_superusers
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest) -> HttpResponse:
    """Ask for confirmation, and end the pause, whatever its reason."""
    if request.method == "POST":
        if acts.resume(_operator(request), _gate()):
            messages.success(request, "Las consultas siguen.")
        else:
            messages.info(request, "No había ninguna pausa.")
        return redirect("operacion:operacion")
    context = {"gate": state.gate_view()}
    return _page(request, "reanudar", "Reanudar las consultas", context)


def _page(
    request: HttpRequest, name: str, title: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": title, **context}
    return render(request, f"census/operacion/{name}.html", context, status=status)


def _operator(request: HttpRequest) -> CustomUser:
    return cast("CustomUser", request.user)


def _gate() -> Gate:
    return Gate(settings.LOOKUP_INTERVAL_SECONDS)
