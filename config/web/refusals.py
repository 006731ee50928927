"""A page for status 405, which Django leaves empty."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

if TYPE_CHECKING:
    from accounts.http import HtmxRequest


def method_page_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return a page to whoever opens the address of a button with GET.

    It happens: when a form is refused, its address stays in the browser's address bar.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code != 405 or request.method != "GET":
            return response
        content: bytes = getattr(response, "content", b"")
        if content or cast("HtmxRequest", request).htmx:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page

    return middleware
