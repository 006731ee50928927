"""A form whose token no longer holds: cookies were cleared, or another tab logged in."""

import json
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponseForbidden
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import render, resolve_url

from accounts.http import HtmxRequest, lead_to_login, page_of

RENEWAL_EVENT = "newToken"
"""Its detail is `{"token": …}`; static/js/app.js puts it into the forms of the page."""


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:  # noqa: ARG001
    """Nothing is done, but the person gets a way on, with what they typed where that can be.

    Only where a page of ours sent it: another site's forged form is met by a page without details.
    """
    match = request.resolver_match
    if match is None or not page_of(request):
        return render(request, "403_csrf.html", status=403)
    if getattr(match.func, "login_required", True) and not request.user.is_authenticated:
        return lead_to_login(request, resolve_url("accounts:ingresar"))
    if cast("HtmxRequest", request).htmx:
        return _page_put_right(request)
    if not getattr(match.func, "keeps_typed", False):
        return render(request, "403_csrf.html", status=403)
    # The same page as if it had only been asked for, which changes nothing; with a token that
    # holds, and what was typed for the person to look over.
    request.typed_before = request.POST.dict()  # type: ignore[attr-defined]
    request.method = "GET"
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return response


def _page_put_right(request: HttpRequest) -> HttpResponseBase:
    """A new token for the page that is open, so that what is ticked and typed on it stays."""
    messages.warning(
        request, "La página estaba vencida y ya la pusimos al día. Inténtalo otra vez."
    )
    response = HttpResponseForbidden()
    response["HX-Trigger"] = json.dumps({RENEWAL_EVENT: {"token": get_token(request)}})
    return response
