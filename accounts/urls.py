from django.urls import path

from accounts.views import consent, profile, security, sessions

app_name = "accounts"

SECURITY = "perfil/seguridad"

urlpatterns = [
    path("registro/", profile.register, name="registro"),
    path("ingresar/", sessions.sign_in, name="ingresar"),
    path("ingresar/codigo/", sessions.give_code, name="codigo"),
    path("salir/", sessions.sign_out, name="salir"),
    path("cambiar-clave/", security.change_password, name="cambiar_clave"),
    path("perfil/", profile.profile, name="perfil"),
    path("perfil/editar/", profile.edit_profile, name="perfil_editar"),
    path(f"{SECURITY}/", security.security, name="seguridad"),
    path(f"{SECURITY}/dos-pasos/", security.set_up, name="dos_pasos"),
    path(f"{SECURITY}/dos-pasos/quitar/", security.switch_off, name="dos_pasos_quitar"),
    path(f"{SECURITY}/codigos/", security.renew_codes, name="codigos_nuevos"),
    path(
        f"{SECURITY}/sesiones/<int:session_id>/cerrar/",
        security.end_session,
        name="cerrar_sesion",
    ),
    path(
        f"{SECURITY}/sesiones/cerrar-otras/",
        security.end_other_sessions,
        name="cerrar_otras_sesiones",
    ),
    path("politica/", profile.data_policy, name="politica"),
    path("autorizar/", consent.authorise, name="autorizar"),
    path("cuenta-eliminada/", consent.account_erased, name="cuenta_eliminada"),
]
