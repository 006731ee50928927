from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from config.web import pwa

urlpatterns = [
    path(f"{settings.ADMIN_PATH}operacion/", include("census.operation_urls")),
    path(settings.ADMIN_PATH, admin.site.urls),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("sw.js", pwa.service_worker, name="service_worker"),
    path("sin-conexion/", pwa.offline, name="offline"),
    path("", include("accounts.urls")),
    path("", include("census.urls")),
]

handler500 = "config.web.errors.server_error"
