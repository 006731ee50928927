"""HTTP to the captcha service for its official client: with timeouts, to any address, key hidden.

The key is part of every URL. So exceptions of `requests`, which name the URL, never leave this
module, and urllib3's log records are cleaned of it.
"""

import logging
import re
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from twocaptcha import ApiClient  # type: ignore[import-untyped]
from twocaptcha.exceptions.api import (  # type: ignore[import-untyped]
    ApiException,
    NetworkException,
)
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

TIMEOUTS_SECONDS = (5, 10)
"""To connect, and between two bytes of the response."""

IN_PATH, RES_PATH = "/in.php", "/res.php"
ACCEPTED = "OK|"


class NotSent(NetworkException):  # type: ignore[misc]
    """No connection was made: the service cannot have seen the request."""


class ServiceClient(ApiClient):  # type: ignore[misc]
    """The two API calls that `twocaptcha.TwoCaptcha` makes. Thread-safe."""

    def __init__(self, url: str, connections: int) -> None:
        super().__init__(post_url=url.rstrip("/"))
        logging.getLogger("urllib3.connectionpool").addFilter(_clean_record)
        self._session = requests.Session()
        # Read the environment's proxies and certificates once: reading it at each request fails
        # while another thread changes it, as the start of a browser does.
        given = self._session.merge_environment_settings(self.post_url, {}, None, None, None)
        self._session.proxies, self._session.verify = given["proxies"], given["verify"]
        self._session.trust_env = False
        # Cookies are the one part of a session that threads must not share.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=connections))

    def in_(self, files: Any = None, **fields: Any) -> str:  # noqa: ARG002  the client's
        """Submit a captcha; return `OK|` and its id. Raises ApiException for any other response."""
        text = self._text("POST", IN_PATH, data=fields)
        if not text.startswith(ACCEPTED):
            raise ApiException(text)
        return text

    def res(self, **fields: Any) -> str:
        """Ask about a captcha or the account. Raises ApiException for an error code."""
        text = self._text("GET", RES_PATH, params=fields)
        # Only at the start: a token may contain these letters too.
        if text.startswith(("ERROR", "IP_BANNED", "MAX_USER_TURN")):
            raise ApiException(text)
        return text

    def _text(self, method: str, path: str, **fields: Any) -> str:
        try:
            response = self._session.request(
                method,
                self.post_url + path,
                timeout=TIMEOUTS_SECONDS,
                allow_redirects=False,
                **fields,
            )
        except requests.RequestException as problem:
            kind = NotSent if _never_connected(problem) else NetworkException
            raise kind(f"The captcha service: {type(problem).__name__}.") from None
        if response.status_code != requests.codes.ok:
            raise NetworkException(f"The captcha service: HTTP {response.status_code}.")
        return response.text.strip()


def _never_connected(problem: requests.RequestException) -> bool:
    cause = problem.args[0] if problem.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, ConnectTimeoutError | NewConnectionError)


def _clean_record(record: logging.LogRecord) -> bool:
    """A log filter that keeps every record and removes the key from it."""
    message = record.getMessage()
    if "key=" in message:
        record.msg = re.sub(r"(?<=\bkey=)[^&\s\"']+", "…", message)
        record.args = ()
    return True
