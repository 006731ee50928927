"""Requests as the views see them, and addresses of this site: to give away, or to go to."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import CustomUser

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class HtmxRequest(HttpRequest):
    """A request that has passed django-htmx's middleware."""

    htmx: "HtmxDetails"


class PersonRequest(HtmxRequest):
    """The request of somebody who is logged in: LoginRequiredMiddleware lets no other pass."""

    user: CustomUser


class TargetRequest(PersonRequest):
    """A request that `leader_or_self_required` let pass."""

    target_user: CustomUser
    """Whom the user id in the address names."""


def public_address(request: HttpRequest, path: str) -> str:
    """The whole address of `path` on this site, as it is given to people who are not here yet."""
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)


def client_address(request: HttpRequest) -> str:
    """The address that the request came from; behind proxies of ours, the one that they saw.

    Each of TRUSTED_PROXIES has added one entry at the end of X-Forwarded-For. What stands before
    those was sent by the client, who may write anything there.
    """
    peer: str = request.META.get("REMOTE_ADDR", "")
    hops: int = settings.TRUSTED_PROXIES
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if hops and len(forwarded) >= hops and forwarded[-hops]:
        return forwarded[-hops]
    return peer


def own_page(request: HttpRequest, address: str | None) -> str:
    """`address` as a path on this host; '' where it is none, or leads anywhere else.

    The scheme is not compared: behind a proxy that ends TLS the application sees plain http.
    """
    if not address or not url_has_allowed_host_and_scheme(address, {request.get_host()}):
        return ""
    parts = urlsplit(address)
    page = parts._replace(scheme="", netloc="", fragment="").geturl()
    # Without its host, "http://own//elsewhere" would be an address of elsewhere.
    is_path = page.startswith("/") and url_has_allowed_host_and_scheme(page, None)
    return page if is_path else ""


def page_of(request: HttpRequest) -> str:
    """The page that the person is on, or asks for; '' where that is not known."""
    htmx = cast("HtmxRequest", request).htmx
    if htmx:
        return own_page(request, htmx.current_url)
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    return own_page(request, request.headers.get("Referer"))


def lead_to(request: HttpRequest, address: str) -> HttpResponseBase:
    """The whole page goes there, whatever part of it asked."""
    htmx = cast("HtmxRequest", request).htmx
    return HttpResponseClientRedirect(address) if htmx else HttpResponseRedirect(address)


def lead_to_login(request: HttpRequest, login_page: str) -> HttpResponseBase:
    """To the login, and from there back to the page the person is on, where that is known."""
    page = page_of(request)
    return lead_to(request, redirect_to_login(page, login_page).url if page else login_page)


def wants_a_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page; going back in the history it wants it whole."""
    htmx = cast("HtmxRequest", request).htmx
    return bool(htmx) and not htmx.history_restore_request


def form_page(
    request: HttpRequest, template: str, form: BaseForm, context: dict[str, Any] | None = None
) -> HttpResponse:
    """The page of a form.

    422 where it was sent and not accepted, 429 where it was too often, 403 where its page had
    expired (expired_pages.py): then it says so.
    """
    expired = bool(typed_before(request))
    status = 422 if form.is_bound else 403 if expired else 200
    whole = {"form": form, "expired": expired, **(context or {})}
    locked = getattr(form, "locked", None)
    if locked is None:
        return render(request, template, whole, status=status)
    response = render(request, template, whole, status=429)
    response["Retry-After"] = str(locked.seconds)
    return response


# --- What was typed on a page that had expired --------------------------------------------------


def keeps_typed(view: View) -> View:
    """Mark the view of a form that shows `typed_before` again, as its form's initial data."""
    view.keeps_typed = True  # type: ignore[attr-defined]
    return view


def typed_before(request: HttpRequest) -> dict[str, str]:
    """What was typed on a page of ours whose token had expired; {} for any other request.

    With the passwords: no input of ours shows one.
    """
    typed: dict[str, str] = getattr(request, "typed_before", {})
    return typed
