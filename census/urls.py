from django.urls import path

from census.views import cards, health, home

app_name = "census"

urlpatterns = [
    path("", home.home, name="inicio"),
    path("mi-enlace/", home.my_link, name="mi_enlace"),
    path("mi-enlace/qr.png", home.my_qr, name="mi_enlace_qr"),
    path("censo/", cards.own_card, name="censo"),
    path("censo/<int:user_id>/", cards.card_of, name="censo"),
    path("refrescar-cedula/", cards.refresh_own, name="refrescar"),
    path("refrescar-cedula/<int:user_id>/", cards.refresh_of, name="refrescar"),
    path("salud/", health.health, name="salud"),
]
