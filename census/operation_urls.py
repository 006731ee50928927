"""The operations page, below the administration's path."""

from django.urls import path

from census.views import operations

app_name = "operacion"

urlpatterns = [
    path("", operations.operation, name="operacion"),
    path("pausar/", operations.pause, name="pausar"),
    path("reanudar/", operations.resume, name="reanudar"),
]
