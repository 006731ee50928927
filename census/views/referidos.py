"""A leader's referidos: the table, its changes, a referido's details and page."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import push_url

from accounts.http import PersonRequest, TargetRequest, wants_fragment
from accounts.permissions import leader_or_self_required, leader_required, leads
from census import clock
from census.models import CedulaInfo, DataAccess
from census.privacy.accesses import record_access
from census.privacy.novedades import may_read_novedad
from census.referidos.changes import MOST_LIVE_ROWS, Moments, changed_since, in_flight, moment_now
from census.referidos.listing import PAGE_SIZE
from census.referidos.queries import rows_of
from census.referidos.searches import listing_of
from census.referidos.tables import changes_context, table_context
from census.wait.card import census_card

RELOAD = "referidos:reload"
"""The event on which a page reloads its whole table."""


@require_safe
@never_cache
def referidos(request: PersonRequest) -> HttpResponse:
    """The list of one's referidos; for a leader, with what the census says of them."""
    if not leads(request.user):
        return _names_only(request)
    context = table_context(request.user, listing_of(request, request.GET.dict()))
    template = "census/_referidos.html" if wants_fragment(request) else "census/referidos.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@never_cache
@leader_required
def search(request: PersonRequest) -> HttpResponse:
    """The table for the search box; the address that the browser shows holds no cédula."""
    listing = listing_of(request, request.POST.dict())
    address = reverse("census:referidos") + listing.query
    if not wants_fragment(request):
        return redirect(address)
    response = render(request, "census/_referidos.html", table_context(request.user, listing))
    return push_url(response, address)


@require_safe
@never_cache
@leader_required
def pending(request: PersonRequest) -> HttpResponse:
    """The changes since the page was read; 204 if there are none."""
    given = request.GET.dict()
    moments, now = Moments.from_request(given), moment_now()
    if moments and moments.since > now + clock.SKEW:
        # The clock was set back: changes from now on are dated before what the page shows.
        return HttpResponse(headers={"HX-Trigger": RELOAD})
    user = request.user
    changed = changed_since(user, moments.since) if moments else in_flight(user)
    if not changed:
        return HttpResponse(status=204)
    if len(changed) > MOST_LIVE_ROWS:
        return HttpResponse(headers={"HX-Trigger": RELOAD})
    rows = rows_of(user, changed)
    context = changes_context(
        user,
        listing_of(request, given),
        Moments(now, moments.opened if moments else now),
        rows,
    )
    gone = sorted(set(changed) - {row.user_id for row in rows})
    context["gone"] = [str(user_id) for user_id in gone]  # texts: no thousands separator
    return render(request, "census/_referidos_changes.html", context)


@require_safe
@never_cache
@leader_or_self_required
def details(request: TargetRequest, user_id: int) -> HttpResponse:  # noqa: ARG001  the guard reads it
    """The details that a row opens to; without htmx, the referido's page."""
    if not wants_fragment(request):
        return _profile_page(request)
    person = request.target_user
    record_access(request.user, [person], DataAccess.Action.OPENED)
    context = {
        "person": person,
        "card": census_card(person),
        "tells_why": may_read_novedad(request.user, person),
    }
    response = render(request, "census/_referido_details.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@never_cache
@leader_or_self_required
def profile(request: TargetRequest, user_id: int) -> HttpResponse:  # noqa: ARG001  the guard reads it
    """A referido's page for their leader; for oneself, a redirect to the profile."""
    return _profile_page(request)


def _profile_page(request: TargetRequest) -> HttpResponse:
    if request.target_user.pk == request.user.pk:
        return redirect("accounts:perfil")
    record_access(request.user, [request.target_user], DataAccess.Action.OPENED)
    info = CedulaInfo.objects.filter(user=request.target_user).first()
    context = {"person": request.target_user, "info": info}
    return render(request, "census/referido.html", context)


def _names_only(request: PersonRequest) -> HttpResponse:
    """The list for people who do not lead: names and dates, nothing that the census said."""
    people = request.user.referrals.order_by("-date_joined", "-id")
    page = Paginator(people.only("nombre_completo", "date_joined"), PAGE_SIZE).get_page(
        request.GET.get("pagina")
    )
    return render(request, "census/referidos_nombres.html", {"page": page})
