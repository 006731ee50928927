from django.urls import path

from census.views import bulk, cards, exports, health, home, my_data, referidos, summary

app_name = "census"

urlpatterns = [
    path("", home.home, name="inicio"),
    path("mi-enlace/", home.my_link, name="mi_enlace"),
    path("mi-enlace/qr.png", home.my_qr, name="mi_enlace_qr"),
    path("censo/", cards.own_card, name="censo"),
    path("censo/<int:user_id>/", cards.card_of, name="censo"),
    path("refrescar-cedula/", cards.refresh_own, name="refrescar"),
    path("refrescar-cedula/<int:user_id>/", cards.refresh_of, name="refrescar"),
    path("referidos/", referidos.referidos, name="referidos"),
    path("referidos/exportar/", exports.referidos, name="exportar"),
    path("referidos/resumen/", summary.summary, name="resumen"),
    path("referidos/resumen/exportar/", exports.summary, name="resumen_exportar"),
    path("referidos/buscar/", referidos.search, name="buscar"),
    path("referidos/pending/", referidos.pending, name="cambios"),
    path("referidos/<int:user_id>/", referidos.profile, name="referido"),
    path("referido/<int:user_id>/", referidos.details, name="detalles"),
    path("bulk-refresh/", bulk.refresh, name="refrescar_muchos"),
    path("bulk-refresh/cancelar/", bulk.cancel, name="cancelar_muchos"),
    path("bulk-refresh/cerrar/", bulk.dismiss, name="cerrar_muchos"),
    path("perfil/mis-datos/", my_data.my_data, name="mis_datos"),
    path("perfil/mis-datos/descargar/", my_data.download, name="descargar_mis_datos"),
    path("perfil/mis-datos/textos/<str:sha256>/", my_data.accepted_policy, name="texto_aceptado"),
    path("perfil/mis-datos/mensajes/", my_data.messages_wanted, name="mensajes"),
    path("perfil/mis-datos/retirar/", my_data.withdraw, name="retirar"),
    path("perfil/mis-datos/eliminar/", my_data.erase, name="eliminar_cuenta"),
    path("salud/", health.health, name="salud"),
    path("metricas/", health.prometheus, name="metricas"),
]
