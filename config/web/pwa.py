"""What makes the site an app on a phone: its manifest, its service worker, a page without network.

None of the three asks who is there: they read no session and no database.
"""

import hashlib

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

THEME_COLOR = "#0f5b5f"
BACKGROUND_COLOR = "#f6f2e9"
"""Shown while the app starts: --paper of static/css/app.css in its light scheme."""
OFFLINE_TEMPLATE = "sin_conexion.html"
OFFLINE_FILES = ("css/sin_conexion.css", "js/sin_conexion.js")
"""All that the page loads. Not the site's own sheet: a page for whoever has no network is small."""


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  nobody is asked for
    """What a browser asks for to install the site: https://www.w3.org/TR/appmanifest/."""
    icons = [
        _icon("any", 192),
        _icon("any", 512),
        _icon("maskable", 192),
        _icon("maskable", 512),
    ]
    told = {
        "id": "/",
        "name": "Censo al Día",
        "short_name": "Censo al Día",
        "description": "Averigua dónde votas, según el censo de la Registraduría.",
        "lang": "es-CO",
        "dir": "ltr",
        "start_url": reverse("census:inicio"),
        "scope": "/",
        "display": "standalone",
        "theme_color": THEME_COLOR,
        "background_color": BACKGROUND_COLOR,
        "categories": ["politics", "utilities"],
        "icons": icons,
    }
    return JsonResponse(
        told, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False}
    )


@login_not_required
@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The script, from the root, so that it may answer for every page of the site."""
    page = render_to_string(OFFLINE_TEMPLATE)
    context = {
        # With fingerprinted files the page changes when one of them does.
        "version": hashlib.sha256(page.encode()).hexdigest()[:12],
        "files": [static(name) for name in OFFLINE_FILES],
    }
    return HttpResponse(render_to_string("sw.js", context), content_type="text/javascript")


@login_not_required
@require_safe
@cache_control(no_cache=True)
def offline(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """What the service worker keeps, the same for everybody."""
    return HttpResponse(render_to_string(OFFLINE_TEMPLATE))


def _icon(purpose: str, side: int) -> dict[str, str]:
    """Drawn from static/img/favicon.svg by `python -m tools.icons`."""
    return {
        "src": static(f"img/icon-{purpose}-{side}.png"),
        "sizes": f"{side}x{side}",
        "type": "image/png",
        "purpose": purpose,
    }
