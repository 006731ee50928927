"""Answer a form with an invalid CSRF token: cookies were cleared, or another tab logged in."""

import json
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponseForbidden
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import render, resolve_url

from accounts.http import HtmxRequest, page_of, redirect_to_login_page

RENEWAL_EVENT = "newToken"
"""Its detail is `{"token": …}`; static/js/app.js puts it into the forms of the page."""


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:  # noqa: ARG001
    """Do nothing, but help the person to go on, with the data they typed where possible.

    Only if one of our pages sent the form: a form forged by another site gets a bare error page.
    """
    match = request.resolver_match
    if match is None or not page_of(request):
        return render(request, "403_csrf.html", status=403)
    if getattr(match.func, "login_required", True) and not request.user.is_authenticated:
        return redirect_to_login_page(request, resolve_url("accounts:ingresar"))
    if cast("HtmxRequest", request).htmx:
        return _renew_token(request)
    if not getattr(match.func, "keeps_typed", False):
        return render(request, "403_csrf.html", status=403)
    # Show the page as for a GET, which changes nothing, with a valid token and the typed data.
    request.typed_before = request.POST.dict()  # type: ignore[attr-defined]
    request.method = "GET"
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return response


def _renew_token(request: HttpRequest) -> HttpResponseBase:
    """Send a new token to the open page, which so keeps what is ticked and typed on it."""
    messages.warning(
        request, "La página estaba vencida y ya la pusimos al día. Inténtalo otra vez."
    )
    response = HttpResponseForbidden()
    response["HX-Trigger"] = json.dumps({RENEWAL_EVENT: {"token": get_token(request)}})
    return response
