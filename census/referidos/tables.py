"""The template contexts of `templates/census/_referidos.html` and its partials.

The whole page and the answers that replace parts of it share them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse

from accounts.models import CustomUser
from census.referidos import bulk, queries
from census.referidos.changes import Moments, arrivals_since
from census.referidos.listing import PAGE_SIZE, Listing, Sort, Tab
from census.referidos.queries import Counts, Page
from census.referidos.rows import Row

TAB_LABELS = {
    Tab.ALL: "Todos",
    Tab.IN_FLIGHT: "Pendientes",
    Tab.FOUND: "Encontrados",
    Tab.CANCELLED: "Cancelados",
    Tab.NOT_FOUND: "No encontrados",
    Tab.FAILED: "Errores",
}
COLUMN_LABELS = {
    Sort.NAME: "Nombre",
    Sort.CEDULA: "Cédula",
    Sort.STATUS: "Estado",
    Sort.MUNICIPIO: "Municipio",
    Sort.PUESTO: "Puesto",
    Sort.MESA: "Mesa",
    Sort.JOINED: "Se registró",
}
BAR_WIDTH = 1000
"""The width of the bar of shares in SVG units: one is a thousandth of all referidos."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another state of the table."""

    name: str
    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class TabLink(Link):
    count: int = 0
    start: int = 0
    """The start of the tab's share of the bar, and its width, in units of BAR_WIDTH."""
    width: int = 0


@dataclass(frozen=True, slots=True)
class ColumnLink(Link):
    order: str = ""
    """The value of `aria-sort`; '' if the table is not sorted by this column."""
    direction: str = ""
    """In words, how the table is sorted after a click."""


def table_context(leader: CustomUser, listing: Listing) -> dict[str, Any]:
    """The context of the whole table."""
    moments = Moments.now()  # before the rows are read, so that no change between is missed
    counts = queries.counts_of(leader)
    page = queries.page_of(leader, listing, counts)
    context = live_context(leader, page.listing, moments, counts)
    return context | {
        "page": page,
        "rows": page.rows,
        "place_names": queries.place_names(leader, page.listing.places),
        "export_url": _export_url(page.listing),
        "columns": list(_columns(page.listing)),
        "page_links": list(_page_links(page)),
        "previous_url": _url(page.listing.of_page(page.listing.page - 1)),
        "next_url": _url(page.listing.of_page(page.listing.page + 1)),
        "everybody_url": _url(page.listing.unfiltered()),
        "polls": page.has_any_in_flight or context["progress_runs"],
    }


def live_context(
    leader: CustomUser, listing: Listing, moments: Moments, counts: Counts | None = None
) -> dict[str, Any]:
    """The context of what changes around the rows: counts, the progress of a bulk, the poll.

    `polls` is true while anything of this leader's is in flight. The page's script polls only
    while that is so of a row on the page, which the server does not know here.
    """
    counts = counts or queries.counts_of(leader)
    progress = bulk.progress_of(leader)
    return {
        "listing": listing,
        "counts": counts,
        "refreshable": refreshable(leader, listing, counts),
        "tabs": list(_tabs(listing, counts)),
        "bar_width": BAR_WIDTH,
        # The rows' addresses without the user id: reversed once, not for each row.
        "profiles": reverse("census:referidos"),
        "refreshes": reverse("census:refrescar"),
        "progress": progress,
        "progress_runs": progress is not None and progress.is_running,
        "moments": moments,
        "table_url": _url(listing),
        "polls": counts.by_tab[Tab.IN_FLIGHT] > 0,
    }


def changes_context(
    leader: CustomUser, listing: Listing, moments: Moments | None, rows: Sequence[Row]
) -> dict[str, Any]:
    """The context of an answer that replaces these rows and what is around them.

    Without `moments` the page learns of changes and registrations from now on.
    """
    moments = moments or Moments.now()
    return live_context(leader, listing, moments) | {
        "rows": rows,
        "oob": True,
        "arrivals": arrivals_since(leader, moments.opened),
    }


def refreshable(leader: CustomUser, listing: Listing, counts: Counts) -> int:
    """The number of people that match the listing and have a failed lookup.

    It counts people without consent or with a closed account, too; a refresh skips them.
    """
    if listing.tab not in {Tab.ALL, Tab.FAILED}:
        return 0
    return queries.count_of(leader, listing.of_tab(Tab.FAILED), counts)


def _export_url(listing: Listing) -> str:
    """The address that exports all pages of the listing, ready for the format to be appended."""
    query = listing.of_page(1).query
    return reverse("census:exportar") + (f"{query}&" if query else "?")


def _url(listing: Listing) -> str:
    return reverse("census:referidos") + listing.query


def _tabs(listing: Listing, counts: Counts) -> Iterator[TabLink]:
    everybody = counts.by_tab[Tab.ALL]
    shares = [counts.by_tab[tab] if tab is not Tab.ALL else 0 for tab in TAB_LABELS]
    ends = [round(BAR_WIDTH * end / everybody) if everybody else 0 for end in accumulate(shares)]
    starts = [0, *ends[:-1]]
    for (tab, label), start, end in zip(TAB_LABELS.items(), starts, ends, strict=True):
        yield TabLink(
            name=str(tab),
            label=label,
            url=_url(listing.of_tab(tab)),
            is_current=tab is listing.tab,
            count=counts.by_tab[tab],
            start=start,
            width=end - start,
        )


def _columns(listing: Listing) -> Iterator[ColumnLink]:
    for sort in Sort:
        is_current = sort is listing.sort
        turned = listing.sorted_by(sort)
        yield ColumnLink(
            name=str(sort),
            label=COLUMN_LABELS[sort],
            url=_url(turned),
            is_current=is_current,
            order=("descending" if listing.descending else "ascending") if is_current else "",
            direction="de mayor a menor" if turned.descending else "de menor a mayor",
        )


def _page_links(page: Page) -> Iterator[Link | None]:
    """Links to the pages around this one, the first and the last; None stands for a gap."""
    paginator = Paginator(range(page.total), PAGE_SIZE)
    for number in paginator.get_elided_page_range(page.listing.page, on_each_side=1, on_ends=1):
        if isinstance(number, int):
            url = _url(page.listing.of_page(number))
            yield Link(str(number), str(number), url, is_current=number == page.listing.page)
        else:
            yield None
