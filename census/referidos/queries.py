"""Reads a leader's referidos as their page needs them, with as few queries as possible."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.db.models import Case, Count, F, QuerySet, Value, When
from django.db.models.functions import Length, NullIf

from accounts.models import CustomUser
from census.models import CedulaInfo
from census.places import LEVELS
from census.referidos.listing import PAGE_SIZE, TAB_STATUSES, Listing, Sort, Tab
from census.referidos.rows import Row, rows
from census.states import CANCELLED, Status

STATUS_ORDER: tuple[Collection[Status], ...] = (
    *({Status.PROCESSING}, {Status.PENDING}),
    *({Status.BLOCKED}, {Status.TIMEOUT}, {Status.ERROR}, {Status.NOT_FOUND}),
    CANCELLED,
    {Status.ACTIVE},
)
"""States that need attention come first. All cancelled cédulas are one group: an order among them
would tell who has died."""

_SORT_KEYS: Mapping[Sort, tuple[Any, ...]] = {
    Sort.NAME: (F("search_name"),),
    Sort.CEDULA: (Length("cedula"), F("cedula")),  # as numbers: 52.000.101 before 1.020.304.050
    Sort.STATUS: (
        Case(*(When(cedula_info__status__in=same, then=n) for n, same in enumerate(STATUS_ORDER))),
    ),
    Sort.MUNICIPIO: (NullIf(F("cedula_info__municipio_key"), Value("")),),
    Sort.PUESTO: (NullIf(F("cedula_info__puesto_key"), Value("")),),
    Sort.MESA: (NullIf(F("cedula_info__mesa_key"), Value("")),),
    Sort.JOINED: (F("date_joined"),),
}
_NEVER_EMPTY = frozenset({Sort.NAME, Sort.CEDULA, Sort.JOINED})


@dataclass(frozen=True, slots=True)
class Counts:
    """The number of a leader's referidos in each tab."""

    by_tab: Mapping[Tab, int]
    """Tab.ALL: all referidos."""

    @property
    def without_lookup(self) -> int:
        """The number without a lookup, because they did not give their consent."""
        return self.by_tab[Tab.ALL] - sum(self.by_tab[tab] for tab in TAB_STATUSES)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing."""

    listing: Listing
    """Its page number is one that exists, whatever the address asked for."""
    rows: list[Row]
    total: int
    """Rows on all pages."""

    @property
    def pages(self) -> int:
        return _pages(self.total)

    @property
    def first_number(self) -> int:
        """The number of the page's first row among all rows, from 1; 0 on an empty page."""
        return self.listing.offset + 1 if self.rows else 0

    @property
    def last_number(self) -> int:
        return self.listing.offset + len(self.rows)

    @property
    def has_any_in_flight(self) -> bool:
        return any(row.is_in_flight for row in self.rows)


def people(leader: CustomUser, listing: Listing) -> QuerySet[CustomUser]:
    """The referidos of `leader` that match the listing's filter, unordered."""
    found = CustomUser.objects.filter(referred_by=leader)
    if listing.searched_digits:
        found = found.filter(cedula__contains=listing.searched_digits)
    for word in listing.searched_words:
        found = found.filter(search_name__contains=word)
    if listing.tab is not Tab.ALL:
        found = found.filter(cedula_info__status__in=TAB_STATUSES[listing.tab])
    for level, key in zip(LEVELS, listing.places, strict=False):
        found = found.filter(**{f"cedula_info__{level}_key": key})
    return found


def count_of(leader: CustomUser, listing: Listing, counts: Counts) -> int:
    """The number of referidos that match the filter, from `counts` where that is enough."""
    in_tab = counts.by_tab[listing.tab]
    return people(leader, listing).count() if listing.narrows_tab and in_tab else in_tab


def place_names(leader: CustomUser, places: Sequence[str]) -> list[str]:
    """The census's names of the place with these keys; the keys if no referido votes there."""
    if not places:
        return []
    levels = LEVELS[: len(places)]
    there = {f"{level}_key": key for level, key in zip(levels, places, strict=True)}
    named = CedulaInfo.objects.filter(referrer=leader, **there).values_list(*levels).first()
    names = list(named or places)
    return [*names[:3], *(f"mesa {mesa}" for mesa in names[3:])]


def in_order(found: QuerySet[CustomUser], listing: Listing) -> QuerySet[CustomUser]:
    """`found` in the listing's order; people with an empty value come last in both directions."""
    # Only for columns that may be null: with `NULLS LAST` the database does not use an index.
    nulls_last = None if listing.sort in _NEVER_EMPTY else True
    order = [
        (key.desc if listing.descending else key.asc)(nulls_last=nulls_last)
        for key in _SORT_KEYS[listing.sort]
    ]
    return found.order_by(*order, "-id" if listing.descending else "id")


def rows_of(leader: CustomUser, user_ids: Collection[int]) -> list[Row]:
    """The rows of those of these people who are referidos of `leader`."""
    return rows(CustomUser.objects.filter(referred_by=leader, pk__in=user_ids))


def page_of(leader: CustomUser, listing: Listing, counts: Counts) -> Page:
    """The page that the listing asks for; the last one if it asks for one beyond."""
    total = count_of(leader, listing, counts)
    listing = listing.of_page(min(listing.page, _pages(total)))
    found = in_order(people(leader, listing), listing)
    return Page(listing, rows(found[listing.offset : listing.offset + PAGE_SIZE]), total)


def _pages(total: int) -> int:
    return max(ceil(total / PAGE_SIZE), 1)


def counts_of(leader: CustomUser) -> Counts:
    """The number of `leader`'s referidos in each tab, over all of them."""
    by_status = dict(
        CedulaInfo.objects.filter(referrer=leader)
        .order_by()
        .values_list("status")
        .annotate(number=Count("pk"))
    )
    by_tab = {
        tab: sum(by_status.get(status, 0) for status in statuses)
        for tab, statuses in TAB_STATUSES.items()
    }
    everybody = CustomUser.objects.filter(referred_by=leader).count()
    return Counts({Tab.ALL: everybody, **by_tab})
