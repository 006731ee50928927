"""The page for status 500."""

from django.http import HttpRequest, HttpResponseServerError
from django.template import loader

from accounts.logs import context as log_context


def server_error(request: HttpRequest) -> HttpResponseServerError:  # noqa: ARG001
    """Return the page for a view that failed, with the request id under which the log has it.

    Rendered without the request: what failed may fail again when its user or session is read.
    """
    context = {"request_id": log_context.request_id()}
    return HttpResponseServerError(loader.get_template("500.html").render(context))
