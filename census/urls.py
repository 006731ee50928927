from django.urls import path

from census import views

app_name = "census"

urlpatterns = [
    path("", views.home, name="inicio"),
    path("censo/", views.own_card, name="censo"),
    path("censo/<int:user_id>/", views.card_of, name="censo"),
    path("refrescar-cedula/", views.refresh_own, name="refrescar"),
    path("refrescar-cedula/<int:user_id>/", views.refresh_of, name="refrescar"),
    path("salud/", views.health, name="salud"),
]
