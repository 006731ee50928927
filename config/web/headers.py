"""What every answer tells the browser to allow; settings.py says what, and why."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


def browser_rules_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Add the headers that neither Django nor django-csp writes to every answer.

    It stands first, so that static files, refusals and errors have them too.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in settings.BROWSER_RULES.items():
            response.headers.setdefault(name, value)
        return response

    return middleware
