"""Endpoints for monitoring: health and metrics."""

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from census.operation import metrics
from census.operation.health import health_report

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  every view takes one
    """The health report as JSON: 200 if the database answers and a worker lives, else 503."""
    state = health_report()
    is_well = state["database"] == "ok" and state["workers"] > 0
    return JsonResponse(state, status=200 if is_well else 503)


@login_not_required
@never_cache
def prometheus(request: HttpRequest) -> HttpResponse:
    """The metrics, for requests that carry METRICS_TOKEN; 404 if no token is set."""
    if not settings.METRICS_TOKEN:
        raise Http404
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if not constant_time_compare(request.headers.get("Authorization", ""), expected):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return _exposition(request)


@require_safe
def _exposition(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  require_safe reads it
    try:
        return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)
    except DatabaseError:
        logger.exception("The metrics could not be read.")
        return HttpResponse("The database fails.", status=503, content_type="text/plain")
