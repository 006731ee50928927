"""A header with the number of queries of a response: for the benchmarks' settings only."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

HEADER = "X-Queries"


def count_queries(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        number = 0

        def count(execute: Callable[..., Any], *call: Any) -> Any:
            nonlocal number
            number += 1
            return execute(*call)

        with connection.execute_wrapper(count):
            response = get_response(request)
        response[HEADER] = str(number)
        return response

    return middleware
