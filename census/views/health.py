"""What a monitor asks."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from census import selectors


@login_not_required
@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  every view takes one
    """For a monitor: 200 where the database answers and a worker lives, 503 otherwise."""
    state = selectors.health()
    is_well = state["database"] == "ok" and state["workers"] > 0
    return JsonResponse(state, status=200 if is_well else 503)
