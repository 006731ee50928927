"""Middleware: require a login, require a decision on the policy, send messages as toasts."""

import json
from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequired
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import urlencode

from accounts.consents import must_decide
from accounts.http import HtmxRequest, page_of, redirect_page, redirect_to_login_page
from accounts.models import CustomUser

TOAST_EVENT = "toast"
"""Its detail is `{"messages": [{"text": …, "level": …}]}`; static/js/app.js shows them."""
CHANGE_PAGE_HEADERS = ("HX-Redirect", "HX-Refresh", "HX-Location")


class LoginRequiredMiddleware(DjangoLoginRequired):
    """Django's middleware, adapted to htmx polling and to /salud/ without a database."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        # Django reads request.user first. That needs the database; /salud/ must answer without it.
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override]  # Django's returns a plain redirect
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        """Redirect the whole page to the login, which returns to the page the person was on.

        It does not return to the requested URL, which may be a fragment or a POST.
        """
        htmx = cast("HtmxRequest", request).htmx
        if not htmx and request.method in {"GET", "HEAD"}:
            return super().handle_no_permission(request, view_func)
        return redirect_to_login_page(request, resolve_url(self.get_login_url(view_func)))


class ConsentRequiredMiddleware:
    """Redirect people who must still decide on the policy in force to /autorizar/.

    Views without login, and those with `consent_not_required`, stay open.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],  # noqa: ARG002  Django's own signature
        view_kwargs: dict[str, Any],  # noqa: ARG002
    ) -> HttpResponseBase | None:
        # Do not touch request.user here: it reads the database; /salud/ must answer without one.
        if not getattr(view_func, "login_required", True):
            return None
        if not getattr(view_func, "consent_required", True):
            return None
        if not isinstance(request.user, CustomUser) or not must_decide(request.user):
            return None
        page = page_of(request)
        query = f"?{urlencode({'next': page})}" if page else ""
        return redirect_page(request, reverse("accounts:autorizar") + query)


def toast_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Add Django's messages to an htmx response, as the event `toast`.

    A response that loads another page leaves them for that page.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if cast("HtmxRequest", request).htmx and not _changes_page(response):
            _add_toasts(request, response)
        return response

    return middleware


def _changes_page(response: HttpResponseBase) -> bool:
    if 300 <= response.status_code < 400:
        return True
    return any(header in response for header in CHANGE_PAGE_HEADERS)


def _add_toasts(request: HttpRequest, response: HttpResponseBase) -> None:
    messages = get_messages(request)
    if getattr(messages, "used", False):  # the template has rendered them
        return
    toasts = [{"text": str(message), "level": message.level_tag} for message in messages]
    if not toasts:
        return
    events = _events(response.get("HX-Trigger", ""))
    events[TOAST_EVENT] = {"messages": toasts}
    response["HX-Trigger"] = json.dumps(events)


def _events(header: str) -> dict[str, Any]:
    """Parse HX-Trigger: a JSON object of events, or names separated by commas."""
    if header.startswith("{"):
        events: dict[str, Any] = json.loads(header)
        return events
    return {name.strip(): None for name in header.split(",") if name.strip()}
