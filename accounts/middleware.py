"""Messages as toasts on htmx answers; a login or a consent that is asked for before a page."""

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

from accounts.consents import must_be_asked
from accounts.http import HtmxRequest, lead_to, lead_to_login, page_of
from accounts.models import CustomUser

TOAST_EVENT = "toast"
"""Its detail is `{"messages": [{"text": …, "level": …}]}`; static/js/app.js shows them."""
LEAVES_THE_PAGE = ("HX-Redirect", "HX-Refresh", "HX-Location")


class LoginRequiredMiddleware(DjangoLoginRequired):
    """Django's, made fit for pages that ask again by themselves, and for a dead database."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        # Django asks who it is first. That reads the database, which /salud/ must live without.
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override]  # it promises a plain redirect
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        """To the login page as a whole, and from there back to the page the person was on.

        That page, not the address asked for: a card, or what a POST does, is no page to return to.
        """
        htmx = cast("HtmxRequest", request).htmx
        if not htmx and request.method in {"GET", "HEAD"}:
            return super().handle_no_permission(request, view_func)
        return lead_to_login(request, resolve_url(self.get_login_url(view_func)))


class ConsentRequiredMiddleware:
    """Leads whoever has neither accepted nor declined the policy in force to where they can.

    Views that need no login, and those that are marked by `consent_not_required`, stay open.
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
        # Who it is, is not asked where nobody has asked yet: /salud/ must live without a database.
        if not getattr(view_func, "login_required", True):
            return None
        if not getattr(view_func, "consent_required", True):
            return None
        if not isinstance(request.user, CustomUser) or not must_be_asked(request.user):
            return None
        page = page_of(request)
        query = f"?{urlencode({'next': page})}" if page else ""
        return lead_to(request, reverse("accounts:autorizar") + query)


def toast_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Send Django's messages along with an htmx answer, as the event `toast`.

    An answer that leads to another page keeps them for that page.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if cast("HtmxRequest", request).htmx and not _leaves_the_page(response):
            _add_toasts(request, response)
        return response

    return middleware


def _leaves_the_page(response: HttpResponseBase) -> bool:
    if 300 <= response.status_code < 400:
        return True
    return any(header in response for header in LEAVES_THE_PAGE)


def _add_toasts(request: HttpRequest, response: HttpResponseBase) -> None:
    messages = get_messages(request)
    if getattr(messages, "used", False):  # the template has shown them
        return
    toasts = [{"text": str(message), "level": message.level_tag} for message in messages]
    if not toasts:
        return
    events = _events(response.get("HX-Trigger", ""))
    events[TOAST_EVENT] = {"messages": toasts}
    response["HX-Trigger"] = json.dumps(events)


def _events(header: str) -> dict[str, Any]:
    """The events that HX-Trigger names: a JSON object of them, or names between commas."""
    if header.startswith("{"):
        events: dict[str, Any] = json.loads(header)
        return events
    return {name.strip(): None for name in header.split(",") if name.strip()}
