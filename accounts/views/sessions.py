"""Login by cédula and password, then by a code if the person has a second step; and logout."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST
from django_otp import login as verify_session
from django_otp.models import Device

from accounts.forms.login import CodeForm, SignInForm
from accounts.http import form_page, form_view, keeps_typed, own_page, typed_before
from accounts.login import known_device, second_step
from accounts.models import CustomUser
from accounts.permissions import consent_not_required

UNTIL_THE_BROWSER_CLOSES = 0


@login_not_required
@form_view
@keeps_typed
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("accounts:perfil")
    next_page = own_page(request, request.POST.get("next") or request.GET.get("next"))
    sent = request.POST if request.method == "POST" else None
    form = SignInForm(request, sent, initial=typed_before(request))
    user = form.get_user() if form.is_valid() else None
    if not isinstance(user, CustomUser):
        return form_page(request, "accounts/ingresar.html", form, {"next_page": next_page})
    return log_in(request, user, remember_me=form.cleaned_data["remember_me"], next_page=next_page)


@login_not_required
@form_view
def give_code(request: HttpRequest) -> HttpResponse:
    """The second step of a pending login."""
    waiting = second_step.pending_login(request)
    if waiting is None:
        second_step.forget_pending(request)
        if request.user.is_authenticated:
            return redirect("accounts:perfil")
        messages.warning(request, "Pasó mucho tiempo sin el código. Ingresa otra vez.")
        return redirect("accounts:ingresar")
    user, pending = waiting
    form = CodeForm(user, request.POST if request.method == "POST" else None)
    if not form.is_valid() or form.device is None:
        return form_page(request, "accounts/codigo.html", form)
    second_step.forget_pending(request)
    return _start_session(
        request,
        user,
        remember_me=pending.remember_me,
        next_page=pending.next_page,
        device=form.device,
    )


@consent_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, "Cerraste la sesión.")
    return redirect("accounts:ingresar")


def log_in(
    request: HttpRequest, user: CustomUser, *, remember_me: bool, next_page: str = ""
) -> HttpResponse:
    """Log in a person whose password was right, or redirect them to give a code first."""
    if not second_step.is_on(user):
        return _start_session(request, user, remember_me=remember_me, next_page=next_page)
    # Change the key: an attacker who planted it must not be able to give the code.
    request.session.cycle_key()
    second_step.begin_pending(request, user, remember_me=remember_me, next_page=next_page)
    return redirect("accounts:codigo")


def _start_session(
    request: HttpRequest,
    user: CustomUser,
    *,
    remember_me: bool,
    next_page: str,
    device: Device | None = None,
) -> HttpResponse:
    if request.user.is_authenticated:
        request.session.cycle_key()  # Django keeps the key if the session is already this user's
    login(request, user)
    verify_session(request, device)
    request.session.set_expiry(
        settings.SESSION_COOKIE_AGE if remember_me else UNTIL_THE_BROWSER_CLOSES
    )
    response = redirect(next_page or "accounts:perfil")
    known_device.remember(request, response, user.cedula)
    return response
