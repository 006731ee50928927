from django.urls import path

from accounts import consent_views, views

app_name = "accounts"

urlpatterns = [
    path("registro/", views.register, name="registro"),
    path("ingresar/", views.sign_in, name="ingresar"),
    path("salir/", views.sign_out, name="salir"),
    path("cambiar-clave/", views.change_password, name="cambiar_clave"),
    path("perfil/", views.profile, name="perfil"),
    path("perfil/editar/", views.edit_profile, name="perfil_editar"),
    path("politica/", views.data_policy, name="politica"),
    path("autorizar/", consent_views.authorise, name="autorizar"),
    path("cuenta-eliminada/", consent_views.account_erased, name="cuenta_eliminada"),
]
