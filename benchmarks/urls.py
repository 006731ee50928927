"""The product's URLs, and a trivial page with the same server and middleware."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_not_required
def trivial(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  every view takes one
    return HttpResponse("ok")


urlpatterns = [path("trivial/", trivial), path("", include("config.urls"))]
