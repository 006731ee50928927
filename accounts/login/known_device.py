"""Browsers that have logged in to an account before, known by a signed cookie.

OWASP calls it a device cookie. With it, strangers who guess at an account cannot lock its owner
out of their own phone.
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
"""Enough for a family's phone; a phone of many volunteers must not fill the cookie."""
_SALT = "accounts.login.known_device"


def device_of(request: HttpRequest, account: str) -> str:
    """The id of this browser if it has logged in to `account` before, else ''."""
    cookie = _read(request)
    return str(cookie["device"]) if _mark(account) in cookie["accounts"] else ""


def remember(request: HttpRequest, response: HttpResponseBase, account: str) -> None:
    """Set the cookie that proves that this browser has logged in to `account`."""
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
    """A keyed hash of the account: anybody with the browser can read the cookie."""
    return salted_hmac(_SALT, account, algorithm="sha256").hexdigest()[:16]
