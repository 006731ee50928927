"""Which of a leader's referidos a page shows, and in which order, as its address says.

Everything is in the address: a link can be shared, and the back button goes back. One thing is
not: a text with digits, which may be a cédula, stands in the address by the name under which the
session keeps it (`census.referidos.searches`). Parameters that make no sense are ignored.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from accounts.identity import cedula as cedulas
from accounts.identity.names import folded
from census.places import LEVELS, place_key
from census.states import FAILED, IN_FLIGHT, Status

PAGE_SIZE = 50
LONGEST_SEARCH = 100
LONGEST_PLACE = 200
LAST_PAGE = 100_000

Member = TypeVar("Member", bound=StrEnum)

NAME_PARAMETER = "b"
"""In an address: the name of a search that the session keeps."""

_NUMBER = re.compile(r"\d(?:[\d.,\s-]*\d)?")
_CEDULA_LIKE = re.compile(r"[\d.\s]+")


class Tab(StrEnum):
    """The groups of states that a leader thinks in."""

    ALL = "todos"
    IN_FLIGHT = "pendientes"
    FOUND = "encontrados"
    CANCELLED = "cancelados"
    NOT_FOUND = "no-encontrados"
    FAILED = "errores"


TAB_STATUSES: Mapping[Tab, frozenset[Status]] = {
    Tab.IN_FLIGHT: IN_FLIGHT,
    Tab.FOUND: frozenset({Status.ACTIVE}),
    Tab.CANCELLED: frozenset({Status.CANCELLED_DECEASED, Status.CANCELLED_OTHER}),
    Tab.NOT_FOUND: frozenset({Status.NOT_FOUND}),
    Tab.FAILED: FAILED,
}
"""Together they hold every status; `Tab.ALL` holds those too for whom nothing is looked up."""


class Sort(StrEnum):
    """The columns, each of which a page can be sorted by."""

    NAME = "nombre"
    CEDULA = "cedula"
    STATUS = "estado"
    MUNICIPIO = "municipio"
    PUESTO = "puesto"
    MESA = "mesa"
    JOINED = "registro"


@dataclass(frozen=True, slots=True)
class Listing:
    """A filter, an order and a page of it."""

    search: str = ""
    tab: Tab = Tab.ALL
    places: tuple[str, ...] = ()
    """Keys of places from the largest level down, as in `census.places.LEVELS`."""
    sort: Sort = Sort.JOINED
    descending: bool = True
    page: int = 1
    kept_as: str = ""
    """The name under which the session keeps `search`, where that has digits."""
    is_lost: bool = False
    """Whether the address named a search that the session does not keep."""

    @classmethod
    def from_address(cls, given: Mapping[str, str]) -> "Listing":
        """What the parameters of an address ask for."""
        # PostgreSQL refuses a NUL in a text that it is to look for.
        given = {name: value.replace("\0", "") for name, value in given.items()}
        order = given.get("orden", "")
        sort = _member(Sort, order.removeprefix("-"))
        places = []
        for level in LEVELS:
            if not (key := place_key(level, given.get(level, "")[:LONGEST_PLACE])):
                break
            places.append(key)
        return cls(
            search=_search(given.get("q", "")),
            tab=_member(Tab, given.get("estado", "")) or Tab.ALL,
            places=tuple(places),
            sort=sort or Sort.JOINED,
            descending=order.startswith("-") if sort else True,
            page=_page(given.get("pagina", "")),
        )

    @property
    def parameters(self) -> dict[str, str]:
        """The address's parameters; what is as always is not named, and no digits of a search."""
        return self._parameters(
            {NAME_PARAMETER: self.kept_as} if self.has_digits else {"q": self.search}
        )

    def _parameters(self, search: Mapping[str, str]) -> dict[str, str]:
        named = {
            **search,
            "estado": "" if self.tab is Tab.ALL else str(self.tab),
            **dict(zip(LEVELS, self.places, strict=False)),
            "orden": "" if self._in_usual_order else f"{'-' * self.descending}{self.sort}",
            "pagina": "" if self.page == 1 else str(self.page),
        }
        return {name: value for name, value in named.items() if value}

    @property
    def filter_parameters(self) -> dict[str, str]:
        """Those that another search keeps: a new filter begins at the first page."""
        return replace(self, search="", page=1).parameters

    @property
    def query(self) -> str:
        """`?…` for an address; '' where everything is as always."""
        return _query(self.parameters)

    @property
    def is_filtered(self) -> bool:
        """Whether it leaves anybody out."""
        return bool(self.search or self.places) or self.tab is not Tab.ALL

    @property
    def has_digits(self) -> bool:
        """Whether the search may hold a cédula, alone or among words: no name has digits."""
        return any(sign.isdigit() for sign in self.search)

    @property
    def searched_digits(self) -> str:
        """What is looked for in cédulas: the digits, where nothing else was typed."""
        if not _CEDULA_LIKE.fullmatch(self.search):
            return ""
        return re.sub(r"\D", "", self.search)

    @property
    def searched_words(self) -> list[str]:
        """What is looked for in names: each of these words, without case and accents."""
        return [] if self.searched_digits else folded(self.search).split()

    def masked_query(self) -> str:
        """`query` for a record that must hold no cédula, nor one among words."""
        masked = _NUMBER.sub(lambda found: cedulas.masked(found[0]), self.search)
        return _query(self._parameters({"q": masked}))

    def of_tab(self, tab: Tab) -> "Listing":
        """The first page of another tab."""
        return replace(self, tab=tab, page=1)

    def of_page(self, page: int) -> "Listing":
        return replace(self, page=page)

    def of_everybody(self) -> "Listing":
        """No filter, in the same order."""
        return replace(self, search="", tab=Tab.ALL, places=(), page=1)

    def sorted_by(self, sort: Sort) -> "Listing":
        """The first page by that column; the other way round where it is sorted by it already."""
        descending = not self.descending if sort is self.sort else sort is Sort.JOINED
        return replace(self, sort=sort, descending=descending, page=1)

    @property
    def _in_usual_order(self) -> bool:
        return self.sort is Sort.JOINED and self.descending


def _query(parameters: Mapping[str, str]) -> str:
    return f"?{urlencode(parameters)}" if parameters else ""


def _member(kind: type[Member], value: str) -> Member | None:
    return kind(value) if value in set(kind) else None


def _search(text: str) -> str:
    # A blank at the cut would not come back from an address.
    return " ".join(text.split())[:LONGEST_SEARCH].rstrip()


def _page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LAST_PAGE))):
        return 1
    return min(max(int(text), 1), LAST_PAGE)
