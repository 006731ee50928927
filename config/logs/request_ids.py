"""Give every request an id, which its log lines and the response's X-Request-ID carry."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.logs import context

HEADER = "X-Request-ID"


def request_id_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Bind the request's id to all log lines until the response is sent, and add it to that.

    It stands before all other middleware, so that their log lines have it too.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request_id = _given_id(request) or context.new_request_id()
        context.begin_request(request_id)
        response = get_response(request)
        response.headers[HEADER] = request_id
        return response

    return middleware


def _given_id(request: HttpRequest) -> str:
    """Return the id that a proxy of ours has given the request; '' without one, or if malformed.

    With TRUSTED_PROXIES=0 anybody could send the header and write what they like into the log.
    """
    given = request.headers.get(HEADER, "") if settings.TRUSTED_PROXIES else ""
    return given if context.WELL_FORMED.fullmatch(given) else ""


@receiver(request_finished, dispatch_uid="config.end_request")
def end_request(**kwargs: Any) -> None:  # noqa: ARG001  the signal's own arguments
    """Unbind the id: not before the end, as a streamed response and its server still log."""
    context.end_request()
