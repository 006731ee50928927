"""Browsers from which an account was entered before, known by a signed cookie.

OWASP calls them device cookies: strangers who guess at an account cannot lock its owner out of
their own phone.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

COOKIE = settings.KNOWN_DEVICE_COOKIE_NAME
AGE_SECONDS = 365 * 24 * 3600
MOST_ACCOUNTS = 5
"""A family shares a phone; a table of volunteers should not fill the cookie."""
_SALT = "accounts.login.known_device"


def device_of(request: HttpRequest, account: str) -> str:
    """The name of this browser, where `account` was entered from it before; '' otherwise."""
    cookie = _read(request)
    return str(cookie["device"]) if _mark(account) in cookie["accounts"] else ""


def remember(request: HttpRequest, response: HttpResponseBase, account: str) -> None:
    """Let the browser prove from now on that `account` was entered from it."""
    cookie = _read(request)
    others = [mark for mark in cookie["accounts"] if mark != _mark(account)]
    accounts = [_mark(account), *others][:MOST_ACCOUNTS]
    response.set_cookie(
        COOKIE,
        signing.dumps({"device": cookie["device"], "accounts": accounts}, salt=_SALT),
        max_age=AGE_SECONDS,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        cookie: dict[str, Any] = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=AGE_SECONDS
        )
    except signing.BadSignature:  # none, forged, too old, or signed with another key
        return {"device": secrets.token_urlsafe(12), "accounts": []}
    return cookie


def _mark(account: str) -> str:
    """What stands for an account in the cookie, which its owner's browser shows to anybody."""
    return salted_hmac(_SALT, account, algorithm="sha256").hexdigest()[:16]
