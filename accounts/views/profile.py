"""Pages of registration, profile and data policy."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import policy
from accounts.forms.people import ProfileForm, RegistrationForm
from accounts.http import PersonRequest, form_page, form_view, keeps_typed, typed_before
from accounts.login import throttle
from accounts.models import CustomUser
from accounts.registration import register_or_recognise
from accounts.services import CedulaTaken, referrer_by_code
from accounts.views.sessions import log_in


@login_not_required
@form_view
@keeps_typed
def register(request: HttpRequest) -> HttpResponse:
    """The registration form. `?ref=` is the referral code of who invited the person."""
    if request.user.is_authenticated:
        return redirect("accounts:perfil")
    code = request.GET.get("ref", "")
    referrer = referrer_by_code(code)
    sent = request.POST if request.method == "POST" else None
    form = RegistrationForm(sent, initial=typed_before(request))
    person = _registered(request, form, referrer) if form.is_valid() else None
    if person is None:
        context = {"code": code, "referrer": referrer, "responsible": policy.responsible()}
        return form_page(request, "accounts/registro.html", form, context)
    # Do not remember the login: people also register on phones that are not theirs.
    return log_in(request, person, remember_me=False)


def _registered(
    request: HttpRequest, form: RegistrationForm, referrer: CustomUser | None
) -> CustomUser | None:
    """Register the person and return them, or add an error to the form and return None."""
    try:
        person, is_new = register_or_recognise(request, form.cleaned_data, referrer)
    except CedulaTaken as problem:
        form.add_error(None, str(problem))
        return None
    except throttle.Locked as problem:
        form.lock(problem)
        return None
    if is_new:
        messages.success(request, "Listo, ya tienes tu cuenta. Estamos buscando dónde votas.")
    return person


@require_safe
@never_cache
def profile(request: PersonRequest) -> HttpResponse:
    return render(request, "accounts/perfil.html")


@form_view
@keeps_typed
def edit_profile(request: PersonRequest) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = ProfileForm(sent, instance=request.user, initial=typed_before(request))
    if not form.is_valid():
        return form_page(request, "accounts/perfil_editar.html", form)
    # Save these alone, to keep a role or a consent that changed at the same moment.
    form.save(commit=False).save(update_fields=form.Meta.fields)
    messages.success(request, "Guardamos tus datos.")
    return redirect("accounts:perfil")


@login_not_required
@require_safe
def data_policy(request: HttpRequest) -> HttpResponse:
    context = {"responsible": policy.responsible(), "version": policy.version()}
    return render(request, "accounts/politica.html", context)
