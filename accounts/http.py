"""Types of requests, addresses and redirects within this site, and pages of forms."""

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
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import CustomUser

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class HtmxRequest(HttpRequest):
    """A request that has passed django-htmx's middleware."""

    htmx: "HtmxDetails"


class PersonRequest(HtmxRequest):
    """The request of a logged-in person, which LoginRequiredMiddleware guarantees."""

    user: CustomUser


class TargetRequest(PersonRequest):
    """A request that has passed `leader_or_self_required`."""

    target_user: CustomUser
    """The person whose id is in the URL."""


def public_address(request: HttpRequest, path: str) -> str:
    """The absolute URL of `path`, to send to people outside the site."""
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)


def client_address(request: HttpRequest) -> str:
    """The client's IP address: the peer's, or behind our proxies the one that they saw.

    Each of TRUSTED_PROXIES appends one entry to X-Forwarded-For. Earlier entries come from the
    client, who may write anything there.
    """
    peer: str = request.META.get("REMOTE_ADDR", "")
    hops: int = settings.TRUSTED_PROXIES
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if hops and len(forwarded) >= hops and forwarded[-hops]:
        return forwarded[-hops]
    return peer


def own_page(request: HttpRequest, address: str | None) -> str:
    """Return `address` as a path on this host, or '' if it leads elsewhere.

    The scheme is not compared: behind a proxy that ends TLS the application sees plain http.
    """
    if not address or not url_has_allowed_host_and_scheme(address, {request.get_host()}):
        return ""
    parts = urlsplit(address)
    page = parts._replace(scheme="", netloc="", fragment="").geturl()
    # Without its host, "http://own//elsewhere" would lead to the host "elsewhere".
    is_path = page.startswith("/") and url_has_allowed_host_and_scheme(page, None)
    return page if is_path else ""


def page_of(request: HttpRequest) -> str:
    """The path of the page that the person is on or asks for; '' if it is unknown."""
    htmx = cast("HtmxRequest", request).htmx
    if htmx:
        return own_page(request, htmx.current_url)
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    return own_page(request, request.headers.get("Referer"))


def redirect_page(request: HttpRequest, address: str) -> HttpResponseBase:
    """Redirect the whole page, also when htmx asked for a fragment."""
    htmx = cast("HtmxRequest", request).htmx
    return HttpResponseClientRedirect(address) if htmx else HttpResponseRedirect(address)


def redirect_to_login_page(request: HttpRequest, login_page: str) -> HttpResponseBase:
    """Redirect to the login, which returns to the page the person is on, if it is known."""
    page = page_of(request)
    return redirect_page(request, redirect_to_login(page, login_page).url if page else login_page)


def wants_fragment(request: HttpRequest) -> bool:
    """True if htmx asks for a fragment. When it restores history, it needs the whole page."""
    htmx = cast("HtmxRequest", request).htmx
    return bool(htmx) and not htmx.history_restore_request


def form_view(view: View) -> View:
    """Decorate the view of a form: GET shows it and POST sends it, uncached.

    Error reports leave out everything posted to it.
    """
    private = never_cache(sensitive_post_parameters()(view))
    return require_http_methods(["GET", "HEAD", "POST"])(private)


def form_page(
    request: HttpRequest, template: str, form: BaseForm, context: dict[str, Any] | None = None
) -> HttpResponse:
    """Render the page of a form.

    The status is 200 for a new form, 422 for invalid data, 429 past the rate limit, and 403 with a
    notice if the page had expired (expired_pages.py).
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


# --- Data typed on an expired page --------------------------------------------------------------


def keeps_typed(view: View) -> View:
    """Mark a view that shows `typed_before` again, as its form's initial data."""
    view.keeps_typed = True  # type: ignore[attr-defined]
    return view


def typed_before(request: HttpRequest) -> dict[str, str]:
    """The fields posted from one of our pages whose token had expired; {} for other requests.

    Passwords are among them, but no password input shows its initial value.
    """
    typed: dict[str, str] = getattr(request, "typed_before", {})
    return typed
