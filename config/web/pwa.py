"""The views that make the site an app on a phone: manifest, service worker, offline page.

They read neither the session nor the database.
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
"""Everything that the offline page loads. It is kept small, so it does without the site's own
style sheet."""


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Return the web app manifest, which a browser needs to install the site.

    https://www.w3.org/TR/appmanifest/
    """
    values = {
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
        "icons": [_icon(purpose, side) for purpose in ("any", "maskable") for side in (192, 512)],
    }
    return JsonResponse(
        values, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False}
    )


@login_not_required
@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Return the service worker's script; served from the root, it may answer for every page."""
    page = render_to_string(OFFLINE_TEMPLATE)
    context = {
        # File names carry fingerprints, so the page changes when one of its files does.
        "version": hashlib.sha256(page.encode()).hexdigest()[:12],
        "files": [static(name) for name in OFFLINE_FILES],
    }
    return HttpResponse(render_to_string("sw.js", context), content_type="text/javascript")


@login_not_required
@require_safe
@cache_control(no_cache=True)
def offline(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Return the page that the service worker keeps, the same for everybody."""
    return HttpResponse(render_to_string(OFFLINE_TEMPLATE))


def _icon(purpose: str, side: int) -> dict[str, str]:
    """Return the manifest's entry; `python -m tools.icons` draws the icon from favicon.svg."""
    return {
        "src": static(f"img/icon-{purpose}-{side}.png"),
        "sizes": f"{side}x{side}",
        "type": "image/png",
        "purpose": purpose,
    }
