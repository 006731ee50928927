"""The summary: the number of a leader's referidos by place."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import PersonRequest
from accounts.permissions import leader_required
from census.referidos.listing import Listing, Tab
from census.referidos.queries import Counts, counts_of
from census.referidos.summary import DEEPEST, summary_of

WHY_UNKNOWN = {
    Tab.IN_FLIGHT: "en espera de la respuesta del censo",
    Tab.FAILED: "con una consulta que falló",
    Tab.NOT_FOUND: "sin registro en el censo",
    Tab.CANCELLED: "con la cédula cancelada o suspendida",
}


@require_safe
@never_cache
@leader_required
def summary(request: PersonRequest) -> HttpResponse:
    places = Listing.from_address(request.GET).places[:DEEPEST]
    counts = counts_of(request.user)
    known, everybody = counts.by_tab[Tab.FOUND], counts.by_tab[Tab.ALL]
    context = {
        "summary": summary_of(request.user, places),
        "known": known,
        "everybody": everybody,
        "unknown": everybody - known,
        "reasons": _reasons(counts),
        "query": Listing(places=places).query,
    }
    return render(request, "census/resumen.html", context)


def _reasons(counts: Counts) -> list[tuple[int, str, str]]:
    """[(number, reason, query string of the listing)] of the people without a place."""
    found = [
        (counts.by_tab[tab], words, Listing(tab=tab).query) for tab, words in WHY_UNKNOWN.items()
    ]
    found.append((counts.without_lookup, "sin autorización para consultar sus datos", ""))
    return [reason for reason in found if reason[0]]
