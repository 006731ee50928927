"""The page that asks for consent, and the page after an account was deleted."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import policy
from accounts.consents import ClientDetails, accepts_messages, give_consent, set_messages
from accounts.forms.consent import AuthorisationForm
from accounts.http import PersonRequest, form_page, form_view, keeps_typed, own_page, typed_before
from accounts.permissions import consent_not_required


@consent_not_required
@form_view
@keeps_typed
def authorise(request: PersonRequest) -> HttpResponse:
    """Accept or decline the policy in force. `next` is the page the person was going to."""
    person = request.user
    next_page = own_page(request, request.POST.get("next") or request.GET.get("next"))
    if person.has_consent:
        return redirect(next_page or "accounts:perfil")
    sent = request.POST if request.method == "POST" else None
    form = AuthorisationForm(sent, initial=typed_before(request))
    if not form.is_valid():
        context = {
            "next_page": next_page,
            "responsible": policy.responsible(),
            "asks_for_messages": not accepts_messages(person),
        }
        return form_page(request, "accounts/autorizar.html", form, context)
    evidence = ClientDetails.from_request(request)
    give_consent(person, evidence)
    if form.cleaned_data["messages_accepted"]:
        set_messages(person, evidence, accepted=True)
    messages.success(request, "Gracias: guardamos tu autorización.")
    return redirect(next_page or "accounts:perfil")


@login_not_required
@require_safe
@never_cache
def account_erased(request: HttpRequest) -> HttpResponse:
    """The page after an account was deleted."""
    return render(request, "accounts/cuenta_eliminada.html")
