"""Give every request an id, bind it to all that is logged meanwhile, and tell it to who asked."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts import log_context

HEADER = "X-Request-ID"


def request_id_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Bind the request's id until its answer is sent, and add it to the answer.

    It stands before all others, so that what they log has it too.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request_id = _given_id(request) or log_context.new_request_id()
        log_context.begin_request(request_id)
        response = get_response(request)
        response.headers[HEADER] = request_id
        return response

    return middleware


def _given_id(request: HttpRequest) -> str:
    """What a proxy of ours calls the request; '' where there is none, or it says nothing usable.

    Where no proxy is counted anybody could send the header, and write what they like into the log.
    """
    given = request.headers.get(HEADER, "") if settings.TRUSTED_PROXIES else ""
    return given if log_context.WELL_FORMED.fullmatch(given) else ""


@receiver(request_finished, dispatch_uid="config.end_request")
def end_request(**kwargs: Any) -> None:  # noqa: ARG001  the signal's own arguments
    """Not before: what a streamed answer logs, and the server of it, belongs to the request."""
    log_context.end_request()
