"""«Mis datos»: a person sees and downloads their data, withdraws consent, deletes the account."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import policy
from accounts.consents import ClientDetails, set_messages, withdraw_consent
from accounts.erasure import LastSuperadmin, erase_account, is_last_superadmin
from accounts.forms.consent import EraseAccountForm
from accounts.http import PersonRequest, form_page
from accounts.permissions import consent_not_required
from census.privacy.my_data import agreed_text, document, page_context

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@consent_not_required
@require_safe
@never_cache
def my_data(request: PersonRequest) -> HttpResponse:
    """The data that is kept about the person, and what they can do with it."""
    return render(request, "census/mis_datos.html", page_context(request.user))


@consent_not_required
@require_safe
@never_cache
def download(request: PersonRequest) -> HttpResponse:
    """All data about the person as a JSON file, also what is too long for the page."""
    name = f"mis-datos-{timezone.localdate().isoformat()}.json"
    return JsonResponse(
        document(request.user),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@consent_not_required
@require_safe
@never_cache
def accepted_policy(request: PersonRequest, sha256: str) -> HttpResponse:
    """The text of the policy that the person agreed to."""
    text = agreed_text(request.user, sha256)
    if text is None:
        raise Http404
    return render(request, "census/texto_aceptado.html", {"policy_text": text})


@consent_not_required
@require_POST
@never_cache
def messages_wanted(request: PersonRequest) -> HttpResponse:
    """Accept messages (`acepta=si`) or refuse them."""
    accepted = request.POST.get("acepta") == "si"
    set_messages(request.user, ClientDetails.from_request(request), accepted=accepted)
    if accepted and request.user.has_consent:
        messages.success(request, "Listo: te podemos escribir.")
    else:
        messages.success(request, "Listo: no te escribimos.")
    return redirect("census:mis_datos")


@consent_not_required
@form_methods
@never_cache
def withdraw(request: PersonRequest) -> HttpResponse:
    """GET: the consequences of withdrawing, or never giving, consent. POST: withdraw it."""
    if request.user.consent_withdrawn_at is not None:
        return redirect("census:mis_datos")
    if request.method != "POST":
        return render(request, "census/retirar.html", {"responsible": policy.responsible()})
    withdraw_consent(request.user)
    messages.success(request, "Listo: no consultamos tu cédula y borramos lo que dijo el censo.")
    return redirect("accounts:perfil")


@consent_not_required
@form_methods
@never_cache
@sensitive_post_parameters("password")
def erase(request: PersonRequest) -> HttpResponse:
    """GET: the consequences of deleting the account. POST: delete it, given the password."""
    person = request.user
    form = EraseAccountForm(person, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            erase_account(person)
        except LastSuperadmin as problem:
            form.add_error(None, str(problem))
        else:
            logout(request)
            return redirect("accounts:cuenta_eliminada")
    context = {
        "is_last_superadmin": is_last_superadmin(person),
        "referral_count": person.referrals.count(),
        "responsible": policy.responsible(),
    }
    return form_page(request, "census/eliminar_cuenta.html", form, context)
