"""What a leader's page reads of their referidos, each in as few queries as may be."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.db.models import Case, Count, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, Length, NullIf
from django.utils import timezone

from accounts import policy
from accounts.identity import cedula as cedulas
from accounts.models import CustomUser
from census import clock
from census.models import CedulaInfo, GoneLookup
from census.places import LEVELS
from census.referidos.listing import PAGE_SIZE, TAB_STATUSES, Listing, Sort, Tab
from census.states import FAILED, IN_FLIGHT, Status

MOST_LIVE_ROWS = 60
"""Rows that one answer to a poll changes in place; more, and the page is read anew."""
LATE_COMMIT = timedelta(seconds=2)
"""How much later than it is dated a change may become visible: a transaction that was slow."""

STATUS_ORDER: tuple[tuple[Status, ...], ...] = (
    *((Status.PROCESSING,), (Status.PENDING,)),
    *((Status.BLOCKED,), (Status.TIMEOUT,), (Status.ERROR,), (Status.NOT_FOUND,)),
    (Status.CANCELLED_OTHER, Status.CANCELLED_DECEASED),
    (Status.ACTIVE,),
)
"""What needs somebody's eye comes before what is well. All that is cancelled is one group: its
order would tell who has died."""

STATES: Mapping[str | None, str] = {
    None: "Sin autorización",
    Status.PENDING: "En espera",
    Status.PROCESSING: "Consultando",
    Status.ACTIVE: "Encontrado",
    Status.NOT_FOUND: "No está en el censo",
    Status.CANCELLED_DECEASED: "Cancelada",
    Status.CANCELLED_OTHER: "Cancelada",
    Status.ERROR: "No se pudo",
    Status.TIMEOUT: "No respondió",
    Status.BLOCKED: "Rechazada",
}
"""What a row says; why a cédula is cancelled is not shouted from a list."""
WITHDRAWN = "Retiró su autorización"

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

_ROW_FIELDS: tuple[str | Coalesce, ...] = (
    *(
        "id",
        "nombre_completo",
        "cedula",
        "date_joined",
        "consent_version",
        "consent_withdrawn_at",
        "is_active",
    ),
    "cedula_info__status",
    *(
        Coalesce(f"cedula_info__{name}", Value(""))  # nobody has a place without a lookup
        for name in ("municipio", "puesto", "mesa")
    ),
    *("cedula_info__attempts", "cedula_info__next_attempt_at", "cedula_info__updated_at"),
)
"""What a Row is made of, in the order of its fields."""

_TAB_OF: Mapping[str | None, Tab] = {
    status: tab for tab, statuses in TAB_STATUSES.items() for status in statuses
}
MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic")
"""Written out: Django's filters for dates took a tenth of the page's time."""


@dataclass(frozen=True, slots=True)
class Row:
    """One referido, as a line of the table shows them."""

    user_id: int
    nombre_completo: str
    cedula: str
    date_joined: datetime
    consent_version: str
    consent_withdrawn_at: datetime | None
    is_active: bool
    status: str | None
    """None: nothing is looked up for this person."""
    municipio: str
    puesto: str
    mesa: str
    attempts: int | None
    next_attempt_at: datetime | None
    updated_at: datetime | None

    @property
    def key(self) -> str:
        """The id as it stands in addresses and attributes: never grouped like a quantity."""
        return str(self.user_id)

    @property
    def cedula_formatted(self) -> str:
        return cedulas.formatted(self.cedula)

    @property
    def joined_on(self) -> str:
        """The day of the registration, such as 24 nov 2026."""
        day = timezone.localtime(self.date_joined)
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"

    @property
    def state(self) -> str:
        """Where the lookup stands, in a word or two."""
        return WITHDRAWN if self.consent_withdrawn_at else STATES[self.status]

    @property
    def tab(self) -> Tab:
        """The group that its state belongs to; where nothing is looked up, everybody's."""
        return _TAB_OF.get(self.status, Tab.ALL)

    @property
    def has_consent(self) -> bool:
        return self.consent_version in policy.versions_in_force()

    @property
    def is_in_flight(self) -> bool:
        return self.status in IN_FLIGHT

    @property
    def can_be_refreshed(self) -> bool:
        """Whether it failed, and may be asked for again."""
        return self.status in FAILED and self.has_consent and self.is_active

    @property
    def retry_at(self) -> datetime | None:
        """When it is tried again, where it failed in passing."""
        waits = self.status == Status.PENDING and (self.attempts or 0) > 0
        return self.next_attempt_at if waits else None

    @property
    def version(self) -> str:
        """Differs whenever what the row shows does."""
        return str(self.updated_at.timestamp()) if self.updated_at else ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of a leader's referidos are in each group."""

    by_tab: Mapping[Tab, int]
    """With Tab.ALL: everybody."""

    @property
    def without_lookup(self) -> int:
        """Those for whom nothing is looked up: they gave no authorisation."""
        return self.by_tab[Tab.ALL] - sum(self.by_tab[tab] for tab in TAB_STATUSES)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing."""

    listing: Listing
    """With the page that there is, where the address named one beyond the last."""
    rows: list[Row]
    total: int
    """Rows on all pages."""

    @property
    def pages(self) -> int:
        return max(ceil(self.total / PAGE_SIZE), 1)

    @property
    def first_number(self) -> int:
        """Which of all rows the page's first is, from 1; 0 where there is none."""
        return (self.listing.page - 1) * PAGE_SIZE + 1 if self.rows else 0

    @property
    def last_number(self) -> int:
        return (self.listing.page - 1) * PAGE_SIZE + len(self.rows)

    @property
    def has_any_in_flight(self) -> bool:
        return any(row.is_in_flight for row in self.rows)


def people(leader: CustomUser, listing: Listing) -> QuerySet[CustomUser]:
    """The referidos of `leader` that the listing's filter leaves, in no order."""
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


def place_names(leader: CustomUser, places: Sequence[str]) -> list[str]:
    """What the census calls the place of these keys; the keys where nobody votes there."""
    if not places:
        return []
    levels = LEVELS[: len(places)]
    there = {f"{level}_key": key for level, key in zip(levels, places, strict=True)}
    named = CedulaInfo.objects.filter(referrer=leader, **there).values_list(*levels).first()
    names = list(named or places)
    return [*names[:3], *(f"mesa {mesa}" for mesa in names[3:])]


def in_order(found: QuerySet[CustomUser], listing: Listing) -> QuerySet[CustomUser]:
    """Sorted as the listing says; who has nothing in that column comes last, either way."""
    # Only where there may be nulls: an index is of no use to `NULLS LAST`.
    nulls_last = None if listing.sort in _NEVER_EMPTY else True
    order = [
        (key.desc if listing.descending else key.asc)(nulls_last=nulls_last)
        for key in _SORT_KEYS[listing.sort]
    ]
    return found.order_by(*order, "-id" if listing.descending else "id")


def rows(found: QuerySet[CustomUser]) -> list[Row]:
    """These people as rows of the table, in their order."""
    return [Row(*values) for values in found.values_list(*_ROW_FIELDS)]


def rows_of(leader: CustomUser, user_ids: Collection[int]) -> list[Row]:
    """Those of these people whom `leader` brought, as rows of the table."""
    return rows(CustomUser.objects.filter(referred_by=leader, pk__in=user_ids))


def page_of(leader: CustomUser, listing: Listing, counts: Counts) -> Page:
    """The listing's page; the last one where it names one beyond."""
    found = people(leader, listing)
    is_counted = not (listing.search or listing.places)
    total = counts.by_tab[listing.tab] if is_counted else found.count()
    page = min(listing.page, max(ceil(total / PAGE_SIZE), 1))
    start = (page - 1) * PAGE_SIZE
    return Page(
        listing.of_page(page),
        rows(in_order(found, listing)[start : start + PAGE_SIZE]),
        total,
    )


def counts_of(leader: CustomUser) -> Counts:
    """How many of `leader`'s referidos are in each group, over all of them."""
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


# --- Changes ------------------------------------------------------------------------------------


def moment_now() -> datetime:
    """From when on a page that is read now must ask for changes."""
    return clock.now() - LATE_COMMIT


def changed_since(leader: CustomUser, moment: datetime) -> list[int]:
    """The user ids of `leader`'s referidos whose lookups have changed, or gone, since.

    One more than MOST_LIVE_ROWS, and not all, where there are too many to change in place.
    """
    changed = CedulaInfo.objects.filter(referrer=leader, updated_at__gt=moment).order_by()
    gone = GoneLookup.objects.filter(referrer_id=leader.pk, gone_at__gt=moment)
    ids = changed.values_list("user_id").union(gone.values_list("user_id"), all=True)
    return [user_id for (user_id,) in ids[: MOST_LIVE_ROWS + 1]]


def in_flight(leader: CustomUser) -> list[int]:
    """The user ids of `leader`'s referidos who wait or are looked up, as `changed_since` has it."""
    flying = CedulaInfo.objects.filter(referrer=leader, status__in=IN_FLIGHT)
    return list(flying.values_list("user_id", flat=True)[: MOST_LIVE_ROWS + 1])


def arrivals_since(leader: CustomUser, moment: datetime) -> int:
    """How many referidos have come since."""
    # Both conditions: the first is what the index knows.
    return CedulaInfo.objects.filter(
        referrer=leader, updated_at__gt=moment, created_at__gt=moment
    ).count()
