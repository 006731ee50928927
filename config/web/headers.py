"""Middleware for settings.BROWSER_RULES: headers that forbid the browser what no page needs."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


def browser_rules_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Add to every response the headers that neither Django nor django-csp writes.

    It stands before the others, so that static files, refusals and errors have them too.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in settings.BROWSER_RULES.items():
            response.headers.setdefault(name, value)
        return response

    return middleware
