"""The site with a view that fails; see `failing_settings`."""

from typing import NoReturn

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.urls import include, path

from tests.failing_settings import SAID


@login_not_required
def fails(request: HttpRequest, what: str) -> NoReturn:
    typed = dict(request.POST)
    raise ValueError(SAID) if typed else ValueError(what)


urlpatterns = [path("falla/<str:what>/", fails), path("", include("config.urls"))]
handler500 = "config.web.errors.server_error"
