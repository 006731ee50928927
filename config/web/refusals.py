"""A page for the one refusal that Django gives without any words."""

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
    """Say something to whoever opens the address of a button, where Django's 405 is empty.

    It happens: the address of a form that was refused stays in the browser's bar.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code != 405 or request.method != "GET":
            return response
        words: bytes = getattr(response, "content", b"")
        if words or cast("HtmxRequest", request).htmx:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page

    return middleware
