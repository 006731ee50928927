"""Status 503 with a page of its own while the database is down, locked, full or restarting."""

import sys
from collections.abc import Callable
from typing import Any

from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

RETRY_AFTER_SECONDS = 10
"""For the Retry-After header: about as long as a restart of the database takes."""


class NoReport(ExceptionReporter):
    """Replaces DEBUG's report, which would query the database again for a page that nobody sees."""

    def get_traceback_html(self) -> SafeString:
        return SafeString()

    def get_traceback_text(self) -> SafeString:
        return SafeString()


@receiver(got_request_exception, dispatch_uid="config.note_outage")
def note_outage(
    sender: object,  # noqa: ARG001  the signal's own arguments
    request: HttpRequest | None = None,
    **kwargs: Any,  # noqa: ARG001
) -> None:
    """Mark a request that failed because of the database and not of our code."""
    error = sys.exc_info()[1]
    if request is not None and isinstance(error, OperationalError | InterfaceError):
        request.database_is_away = True  # type: ignore[attr-defined]
        request.exception_reporter_class = NoReport


def outage_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer 503 with that page in place of 500, for requests that note_outage has marked.

    A signal marks them, because most of these errors are raised by other middlewares, which load
    the session and the user: `process_exception` of a middleware sees those of views alone.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code != 500 or not getattr(request, "database_is_away", False):
            return response
        # Without the request: its context processors would query the database for the user.
        page = render(None, "503.html", {"sent": request.method == "POST"}, status=503)
        page["Retry-After"] = str(RETRY_AFTER_SECONDS)
        page["Cache-Control"] = "no-store"
        return page

    return middleware
