"""What `templates/census/_referidos.html` and its parts are rendered with.

The page and every answer that changes a part of it use the same contexts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse

from accounts.models import CustomUser
from census.referidos import bulk, queries
from census.referidos.listing import PAGE_SIZE, Listing, Sort, Tab
from census.referidos.queries import Counts, Page, Row

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
"""Of the picture, in its own units; one is a thousandth of all referidos."""


@dataclass(frozen=True, slots=True)
class Link:
    """A way to another view of the table."""

    name: str
    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class TabLink(Link):
    count: int = 0
    start: int = 0
    """Where its share of the picture begins, and how wide it is, in units of BAR_WIDTH."""
    width: int = 0


@dataclass(frozen=True, slots=True)
class ColumnLink(Link):
    order: str = ""
    """`ascending` or `descending` where the table is sorted by it, as `aria-sort` has it."""
    direction: str = ""
    """What a press on it does, in words."""


@dataclass(frozen=True, slots=True)
class Moments:
    """What a page knows up to when, as seconds since the epoch."""

    since: datetime
    """All changes before are on the page."""
    opened: datetime
    """When the page was read as a whole: who came later is not on it."""

    @classmethod
    def now(cls) -> "Moments":
        since = queries.moment_now()
        # A registration that the page shows already is no news: no allowance for late commits.
        return cls(since, since + queries.LATE_COMMIT)

    @classmethod
    def from_request(cls, since: str, opened: str) -> "Moments | None":
        """What a page sent along; None where it makes no sense."""
        moments = [_moment(text) for text in (since, opened or since)]
        return cls(moments[0], moments[1]) if moments[0] and moments[1] else None


def _moment(text: str) -> datetime | None:
    """Seconds since the epoch, or a date and time of ISO 8601 with its zone."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # the first or the last day there is, in another zone
        return None


def table_context(leader: CustomUser, listing: Listing) -> dict[str, Any]:
    """The whole table, as `listing` asks for it."""
    moments = Moments.now()  # before the rows are read: what changes meanwhile is asked for again
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
        "everybody_url": _url(page.listing.of_everybody()),
        "polls": page.has_any_in_flight or context["progress_runs"],
    }


def live_context(
    leader: CustomUser, listing: Listing, moments: Moments, counts: Counts | None = None
) -> dict[str, Any]:
    """What goes on changing around the rows: the counts, a bulk's progress, and the poll itself.

    With `polls`: whether anything at all of this leader's is in flight. The page, which alone knows
    its rows, asks only while one of them is.
    """
    counts = counts or queries.counts_of(leader)
    progress = bulk.progress_of(leader)
    return {
        "listing": listing,
        "counts": counts,
        "refreshable": refreshable(leader, listing, counts),
        "tabs": list(_tabs(listing, counts)),
        "bar_width": BAR_WIDTH,
        # The addresses of a row's person, without the id: reversed once, not for each row.
        "profiles": reverse("census:referidos"),
        "refreshes": reverse("census:refrescar"),
        "progress": progress,
        "progress_runs": progress is not None and progress.is_running,
        "moments": moments,
        "table_url": _url(listing),
        "polls": counts.by_tab[Tab.IN_FLIGHT] > 0,
    }


def changes_context(
    leader: CustomUser, listing: Listing, moments: Moments, rows: Sequence[Row]
) -> dict[str, Any]:
    """An answer that changes these rows in place, and what is around them."""
    return live_context(leader, listing, moments) | {
        "rows": rows,
        "oob": True,
        "arrivals": queries.arrivals_since(leader, moments.opened),
    }


def refreshable(leader: CustomUser, listing: Listing, counts: Counts) -> int:
    """How many of those whom the listing leaves have failed, so that they may be asked for again.

    Those of them whom nobody may ask for (no authorisation, a closed account) are skipped later.
    """
    if listing.tab not in {Tab.ALL, Tab.FAILED}:
        return 0
    if not (listing.search or listing.places) or not counts.by_tab[Tab.FAILED]:
        return counts.by_tab[Tab.FAILED]
    return queries.people(leader, listing.of_tab(Tab.FAILED)).count()


def _export_url(listing: Listing) -> str:
    """Where the whole listing is taken out, ready for the format to be added."""
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
    for sort, label in COLUMN_LABELS.items():
        is_current = sort is listing.sort
        turned = listing.sorted_by(sort)
        yield ColumnLink(
            name=str(sort),
            label=label,
            url=_url(turned),
            is_current=is_current,
            order=("descending" if listing.descending else "ascending") if is_current else "",
            direction="de mayor a menor" if turned.descending else "de menor a mayor",
        )


def _page_links(page: Page) -> Iterator[Link | None]:
    """Some pages around this one, the first and the last; None for a gap between them."""
    paginator = Paginator(range(page.total), PAGE_SIZE)
    for number in paginator.get_elided_page_range(page.listing.page, on_each_side=1, on_ends=1):
        if isinstance(number, int):
            url = _url(page.listing.of_page(number))
            yield Link(str(number), str(number), url, is_current=number == page.listing.page)
        else:
            yield None
