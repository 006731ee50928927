"""The page for a failure of ours."""

from django.http import HttpRequest, HttpResponseServerError
from django.template import loader

from accounts import log_context


def server_error(request: HttpRequest) -> HttpResponseServerError:  # noqa: ARG001
    """What is shown where a view failed, with the code by which the log tells what happened.

    Rendered without the request: whatever failed may fail again for its person or its session.
    """
    context = {"request_id": log_context.request_id()}
    return HttpResponseServerError(loader.get_template("500.html").render(context))
