"""Bulk refreshes: start one, cancel it, dismiss its summary."""

from collections.abc import Iterable, Iterator, Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.http import PersonRequest, wants_fragment
from accounts.permissions import leader_required
from census.referidos import bulk, queries
from census.referidos.bulk import BulkOutcome, Skipped
from census.referidos.changes import Moments
from census.referidos.listing import Listing
from census.referidos.searches import listing_of
from census.referidos.tables import changes_context

LONGEST_ID = 18
"""Digits: every such number fits the database's integers."""
NOBODY = -1
"""An id that no row has."""
MOST_IDS = 10_000
"""Far more than anybody ticks; databases limit the number of values in a statement."""

REASONS: Mapping[Skipped, tuple[str, str]] = {
    Skipped.SETTLED: ("ya tiene respuesta", "ya tienen respuesta"),
    Skipped.IN_FLIGHT: ("ya está en camino", "ya están en camino"),
    Skipped.COOLDOWN: ("se pidió hace un momento", "se pidieron hace un momento"),
    Skipped.NO_CONSENT: ("no tiene autorización vigente", "no tienen autorización vigente"),
    Skipped.NOT_YOURS: ("no es referido tuyo", "no son referidos tuyos"),
}
"""The reason in words, in the singular and the plural."""


@require_POST
@never_cache
@leader_required
def refresh(request: PersonRequest) -> HttpResponse:
    """Refresh the ticked people, or with `todos` all people that match the filter."""
    leader, listing = request.user, listing_of(request, request.POST.dict())
    shown = _rows_on_the_page(request, listing)  # before the change moves rows to other pages
    if not request.POST.get("todos"):
        _refresh_ticked(request)
    elif listing.is_lost:
        messages.warning(request, "Esa búsqueda ya no está. Hazla otra vez y vuelve a pedirlo.")
    else:
        _add_message(request, bulk.refresh_people(leader, queries.people(leader, listing)))
    return _answer(request, listing, shown)


def _refresh_ticked(request: PersonRequest) -> None:
    if len(user_ids := set(_ids(request.POST.getlist("ids")))) > MOST_IDS:
        messages.warning(
            request, "Son demasiadas personas marcadas: pide a todas las que fallaron."
        )
    else:
        _add_message(request, bulk.refresh_ids(request.user, user_ids))


@require_POST
@never_cache
@leader_required
def cancel(request: PersonRequest) -> HttpResponse:
    """Cancel the running bulk: take its waiting lookups out of the queue."""
    listing = listing_of(request, request.POST.dict())
    shown = _rows_on_the_page(request, listing)
    number = bulk.cancel(request.user)
    if number:
        left = _counted(number, "consulta salió", "consultas salieron")
        messages.success(request, f"Cancelaste el pedido: {left} de la fila.")
    else:
        messages.info(request, "No había nada que cancelar.")
    return _answer(request, listing, shown)


@require_POST
@never_cache
@leader_required
def dismiss(request: PersonRequest) -> HttpResponse:
    """Stop showing the summary of the bulk that has ended."""
    bulk.dismiss(request.user)
    return _answer(request, listing_of(request, request.POST.dict()), [])


def _ids(values: Iterable[str]) -> Iterator[int]:
    """User ids from values that are separated by commas; NOBODY for anything else."""
    for value in values:
        for text in filter(None, (part.strip() for part in value.split(","))):
            is_id = text.isascii() and text.isdigit() and len(text) <= LONGEST_ID
            yield int(text) if is_id else NOBODY


def _rows_on_the_page(request: PersonRequest, listing: Listing) -> list[int]:
    """The user ids on the page that htmx updates; [] without htmx, which reloads the page."""
    if not wants_fragment(request):
        return []
    page = queries.page_of(request.user, listing, queries.counts_of(request.user))
    return [row.user_id for row in page.rows]


def _answer(request: PersonRequest, listing: Listing, shown: list[int]) -> HttpResponse:
    if not wants_fragment(request):
        return redirect(reverse("census:referidos") + listing.query)
    moments = Moments.from_request(request.POST.dict())
    rows = queries.rows_of(request.user, shown)
    context = changes_context(request.user, listing, moments, rows)
    return render(request, "census/_referidos_changes.html", context)


def _add_message(request: HttpRequest, outcome: BulkOutcome) -> None:
    if not outcome.queued and not outcome.skipped:
        messages.warning(request, "Marca al menos a una persona.")
        return
    parts = []
    if outcome.queued:
        again = _counted(outcome.queued, "persona", "personas")
        parts.append(f"Listo: volvemos a consultar a {again}.")
    if outcome.skipped:
        parts.append(_skipped_sentence(outcome))
    (messages.success if outcome.queued else messages.warning)(request, " ".join(parts))


def _skipped_sentence(outcome: BulkOutcome) -> str:
    total = sum(outcome.skipped.values())
    reasons = [
        f"{number} {REASONS[reason][number != 1]}" for reason, number in outcome.skipped.items()
    ]
    start = "Omitimos" if outcome.queued else "No pedimos ninguna consulta: omitimos"
    return f"{start} {total} ({', '.join(reasons)})."


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
