"""Pages of the account's security: password, second step, open sessions."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_otp import login as verify_session

from accounts.forms.login import ChangePasswordForm, ConfirmDeviceForm, PasswordAndCodeForm
from accounts.http import PersonRequest, form_page, form_view
from accounts.login import second_step, sessions
from accounts.qr import secret_qr_code


@form_view
def change_password(request: PersonRequest) -> HttpResponse:
    form = ChangePasswordForm(request.user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return form_page(request, "accounts/cambiar_clave.html", form)
    sessions.renew_session(request, form.save())
    messages.success(request, "Cambiaste tu contraseña.")
    return redirect("accounts:perfil")


@require_safe
@never_cache
def security(request: PersonRequest) -> HttpResponse:
    context = {
        "is_on": second_step.is_on(request.user),
        "codes_left": second_step.recovery_codes_left(request.user),
        "sessions": sessions.open_sessions(request.user, request.session.session_key),
    }
    return render(request, "accounts/seguridad.html", context)


# --- Second step --------------------------------------------------------------------------------


@form_view
def set_up(request: PersonRequest) -> HttpResponse:
    """Show the secret until a code confirms the app, then the recovery codes."""
    user = request.user
    if second_step.is_on(user):
        return redirect("accounts:seguridad")
    device = second_step.device_to_confirm(user)
    form = ConfirmDeviceForm(user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {
            "qr": secret_qr_code(device.config_url),
            "address": device.config_url,
            "secret": second_step.manual_secret(device),
        }
        return form_page(request, "accounts/dos_pasos.html", form, context)
    codes = second_step.new_recovery_codes(user)
    verify_session(request, form.device)
    # End the other sessions, which began without a code.
    sessions.renew_session(request, user)
    return render(request, "accounts/codigos.html", {"codes": codes, "is_new": True})


@form_view
def renew_codes(request: PersonRequest) -> HttpResponse:
    """Create ten new recovery codes and show them once."""
    if not second_step.is_on(request.user):
        return redirect("accounts:seguridad")
    form = PasswordAndCodeForm(request.user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return form_page(request, "accounts/codigos_nuevos.html", form)
    codes = second_step.new_recovery_codes(request.user)
    return render(request, "accounts/codigos.html", {"codes": codes})


@form_view
def switch_off(request: PersonRequest) -> HttpResponse:
    if not second_step.is_on(request.user):
        return redirect("accounts:seguridad")
    form = PasswordAndCodeForm(request.user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return form_page(request, "accounts/dos_pasos_quitar.html", form)
    second_step.switch_off(request.user)
    messages.success(request, "Desactivaste la verificación en dos pasos.")
    return redirect("accounts:seguridad")


# --- Sessions ------------------------------------------------------------------------------------


@require_POST
def end_session(request: PersonRequest, session_id: int) -> HttpResponse:
    """End one of the person's own sessions, which may be this one."""
    if not sessions.end_session(request.user, session_id):
        raise Http404
    messages.success(request, "Cerraste esa sesión.")
    return redirect("accounts:seguridad")


@require_POST
def end_other_sessions(request: PersonRequest) -> HttpResponse:
    sessions.end_other_sessions(request.user, request.session.session_key)
    messages.success(request, "Cerraste las demás sesiones.")
    return redirect("accounts:seguridad")
