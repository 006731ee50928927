"""The census card as a fragment, and the refresh of its lookup."""

from typing import assert_never

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PersonRequest, TargetRequest, own_page, wants_fragment
from accounts.models import CustomUser
from accounts.permissions import leader_or_self_required
from census.lookups.refresh import Refresh, RefreshOutcome, request_refresh
from census.models import CedulaInfo, DataAccess
from census.privacy.accesses import record_access
from census.referidos.changes import Moments
from census.referidos.queries import rows_of
from census.referidos.searches import listing_of
from census.referidos.tables import changes_context
from census.wait.card import card_context


@require_safe
@never_cache
def own_card(request: PersonRequest) -> HttpResponse:
    """One's own census card, which polls this address while the lookup is in flight."""
    return _card(request, request.user)


@require_safe
@never_cache
@leader_or_self_required
def card_of(request: TargetRequest, user_id: int) -> HttpResponse:  # noqa: ARG001  the guard reads it
    return _card(request, request.target_user)


@require_POST
@never_cache
def refresh_own(request: PersonRequest) -> HttpResponse:
    return _refresh(request, request.user)


@require_POST
@never_cache
@leader_or_self_required
def refresh_of(request: TargetRequest, user_id: int) -> HttpResponse:  # noqa: ARG001  the guard reads it
    return _refresh(request, request.target_user)


def _refresh(request: PersonRequest, person: CustomUser) -> HttpResponse:
    info = CedulaInfo.objects.select_related("user").filter(user=person).first()
    refresh = request_refresh(info) if info else Refresh(RefreshOutcome.NO_CONSENT)
    _add_message(request, refresh, own=person.pk == request.user.pk)
    if wants_fragment(request) and request.htmx.target == f"referido_{person.pk}":
        return _row(request, person)
    return _card(request, person)


def _row(request: PersonRequest, person: CustomUser) -> HttpResponse:
    """The person's row for the table that asked, with what is around the rows."""
    rows = rows_of(request.user, [person.pk])
    if not rows:  # a superadmin's table has their own referidos only
        return HttpResponse(status=204)
    given = request.POST.dict()
    context = changes_context(
        request.user, listing_of(request, given), Moments.from_request(given), rows
    )
    response = render(request, "census/_referido_answer.html", context | {"row": rows[0]})
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _card(request: PersonRequest, person: CustomUser) -> HttpResponse:
    """The card for htmx; without htmx, a redirect to the page that the card is on."""
    if wants_fragment(request):
        record_access(request.user, [person], DataAccess.Action.OPENED)
        context = card_context(person, request.user)
        response = render(request, "census/_censo_card.html", context)
    else:
        page = own_page(request, request.POST.get("next")) or _address_of(person, request.user)
        response = redirect(page)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _address_of(person: CustomUser, viewer: CustomUser) -> str:
    if person.pk == viewer.pk:
        return reverse("accounts:perfil")
    return reverse("census:referido", args=[person.pk])


def _add_message(request: HttpRequest, refresh: Refresh, *, own: bool) -> None:
    match refresh.outcome:
        case RefreshOutcome.QUEUED:
            whose = "tu" if own else "el"
            messages.success(request, f"Listo: volvimos a pedir {whose} puesto de votación.")
        case RefreshOutcome.COOLDOWN:
            left = f"{refresh.seconds_left} segundo{'' if refresh.seconds_left == 1 else 's'}"
            messages.warning(request, f"Espera {left} para volver a pedirlo.")
        case RefreshOutcome.IN_FLIGHT:
            messages.info(request, "Ya lo estamos consultando: no hace falta pedirlo otra vez.")
        case RefreshOutcome.SETTLED:
            messages.info(request, "Ya tenemos la respuesta del censo.")
        case RefreshOutcome.NO_CONSENT:
            messages.warning(
                request, "Sin la autorización para usar los datos no consultamos el censo."
            )
        case _:
            assert_never(refresh.outcome)
