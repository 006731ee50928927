from django.urls import path

from accounts import consent_views, security_views, session_views, views

app_name = "accounts"

SECURITY = "perfil/seguridad"

urlpatterns = [
    path("registro/", views.register, name="registro"),
    path("ingresar/", session_views.sign_in, name="ingresar"),
    path("ingresar/codigo/", session_views.give_code, name="codigo"),
    path("salir/", session_views.sign_out, name="salir"),
    path("cambiar-clave/", security_views.change_password, name="cambiar_clave"),
    path("perfil/", views.profile, name="perfil"),
    path("perfil/editar/", views.edit_profile, name="perfil_editar"),
    path(f"{SECURITY}/", security_views.security, name="seguridad"),
    path(f"{SECURITY}/dos-pasos/", security_views.set_up, name="dos_pasos"),
    path(f"{SECURITY}/dos-pasos/quitar/", security_views.switch_off, name="dos_pasos_quitar"),
    path(f"{SECURITY}/codigos/", security_views.renew_codes, name="codigos_nuevos"),
    path(
        f"{SECURITY}/sesiones/<int:session_id>/cerrar/",
        security_views.end_session,
        name="cerrar_sesion",
    ),
    path(
        f"{SECURITY}/sesiones/cerrar-otras/",
        security_views.end_other_sessions,
        name="cerrar_otras_sesiones",
    ),
    path("politica/", views.data_policy, name="politica"),
    path("autorizar/", consent_views.authorise, name="autorizar"),
    path("cuenta-eliminada/", consent_views.account_erased, name="cuenta_eliminada"),
]
