"""Pages about oneself: register, log in and out, the profile, the password, the data policy."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import policy
from accounts.consents import ConsentEvidence, set_messages
from accounts.forms import ChangePasswordForm, ProfileForm, RegistrationForm, SignInForm
from accounts.http import PersonRequest, own_page
from accounts.models import CustomUser
from accounts.permissions import consent_not_required
from accounts.selectors import referrer_by_code
from accounts.services import CedulaTaken, register_user

form_methods = require_http_methods(["GET", "HEAD", "POST"])
UNTIL_THE_BROWSER_CLOSES = 0


@login_not_required
@form_methods
@never_cache
@sensitive_post_parameters()
def register(request: HttpRequest) -> HttpResponse:
    """The registration form; `?ref=` names who brought the person."""
    if request.user.is_authenticated:
        return redirect("accounts:perfil")
    code = request.GET.get("ref", "")
    referrer = referrer_by_code(code)
    form = RegistrationForm(request.POST if request.method == "POST" else None)
    person = _registered(request, form, referrer) if form.is_valid() else None
    if person is None:
        context = {
            "form": form,
            "code": code,
            "referrer": referrer,
            "responsible": policy.responsible(),
        }
        return render(request, "accounts/registro.html", context, status=_status(form))
    login(request, person)
    # Nobody asked to be remembered, and people register on phones that are not theirs.
    request.session.set_expiry(UNTIL_THE_BROWSER_CLOSES)
    messages.success(request, "Listo, ya tienes tu cuenta. Estamos buscando dónde votas.")
    return redirect("accounts:perfil")


def _registered(
    request: HttpRequest, form: RegistrationForm, referrer: CustomUser | None
) -> CustomUser | None:
    """The new person; None, with an error in the form, where somebody took the cédula meanwhile."""
    data, evidence = form.cleaned_data, ConsentEvidence.from_request(request)
    try:
        person = register_user(
            data["cedula"],
            data["nombre_completo"],
            data["phone"],
            data["password1"],
            referrer,
            evidence=evidence,
        )
    except CedulaTaken as problem:
        form.add_error("cedula", str(problem))
        return None
    if data["messages_accepted"]:
        set_messages(person, evidence, accepted=True)
    return person


@login_not_required
@form_methods
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("accounts:perfil")
    next_page = own_page(request, request.POST.get("next") or request.GET.get("next"))
    form = SignInForm(request, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"form": form, "next_page": next_page}
        return render(request, "accounts/ingresar.html", context, status=_status(form))
    login(request, form.get_user())
    remembered = form.cleaned_data["remember_me"]
    request.session.set_expiry(
        settings.SESSION_COOKIE_AGE if remembered else UNTIL_THE_BROWSER_CLOSES
    )
    return redirect(next_page or "accounts:perfil")


@consent_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, "Cerraste la sesión.")
    return redirect("accounts:ingresar")


@form_methods
@never_cache
@sensitive_post_parameters()
def change_password(request: PersonRequest) -> HttpResponse:
    form = ChangePasswordForm(request.user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "accounts/cambiar_clave.html", {"form": form}, status=_status(form))
    update_session_auth_hash(request, form.save())
    messages.success(request, "Cambiaste tu contraseña.")
    return redirect("accounts:perfil")


@require_safe
@never_cache
def profile(request: PersonRequest) -> HttpResponse:
    return render(request, "accounts/perfil.html")


@form_methods
@never_cache
def edit_profile(request: PersonRequest) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = ProfileForm(sent, instance=request.user)
    if not form.is_valid():
        return render(request, "accounts/perfil_editar.html", {"form": form}, status=_status(form))
    # These alone: a role given, or a consent withdrawn, in the same moment must stay.
    form.save(commit=False).save(update_fields=form.Meta.fields)
    messages.success(request, "Guardamos tus datos.")
    return redirect("accounts:perfil")


@login_not_required
@require_safe
def data_policy(request: HttpRequest) -> HttpResponse:
    context = {"responsible": policy.responsible(), "version": policy.version()}
    return render(request, "accounts/politica.html", context)


def _status(form: RegistrationForm | SignInForm | ChangePasswordForm | ProfileForm) -> int:
    """422 for a form that was sent and not accepted."""
    return 422 if form.is_bound else 200
