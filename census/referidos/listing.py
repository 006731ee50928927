"""The filter, the order and the page number of a leader's list, and their query parameters.

All of it is in the address, so that a link can be shared and the back button works. The one
exception: a search with digits, which may be a cédula, is kept in the session, and the address
holds its name there (`census.referidos.searches`). Parameters that make no sense are ignored.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from accounts.identity import cedula as cedulas
from accounts.identity.names import name_key
from census.places import LEVELS, place_key
from census.states import CANCELLED, FAILED, IN_FLIGHT, Status

PAGE_SIZE = 50
LONGEST_SEARCH = 100
LONGEST_PLACE = 200
LAST_PAGE = 100_000

Member = TypeVar("Member", bound=StrEnum)

NAME_PARAMETER = "b"
"""The query parameter for the name of a search that the session keeps."""

_NUMBER = re.compile(r"\d(?:[\d.,\s-]*\d)?")
_CEDULA_LIKE = re.compile(r"[\d.\s]+")


class Tab(StrEnum):
    """Groups of statuses, as leaders think of them."""

    ALL = "todos"
    IN_FLIGHT = "pendientes"
    FOUND = "encontrados"
    CANCELLED = "cancelados"
    NOT_FOUND = "no-encontrados"
    FAILED = "errores"


TAB_STATUSES: Mapping[Tab, frozenset[Status]] = {
    Tab.IN_FLIGHT: IN_FLIGHT,
    Tab.FOUND: frozenset({Status.ACTIVE}),
    Tab.CANCELLED: CANCELLED,
    Tab.NOT_FOUND: frozenset({Status.NOT_FOUND}),
    Tab.FAILED: FAILED,
}
"""Together they hold every status; `Tab.ALL` also has the people without a lookup."""


class Sort(StrEnum):
    """The columns, from left to right; the table can be sorted by each."""

    NAME = "nombre"
    CEDULA = "cedula"
    STATUS = "estado"
    MUNICIPIO = "municipio"
    PUESTO = "puesto"
    MESA = "mesa"
    JOINED = "registro"


@dataclass(frozen=True, slots=True)
class Listing:
    """A filter, an order and a page number."""

    search: str = ""
    tab: Tab = Tab.ALL
    places: tuple[str, ...] = ()
    """Keys of a place from the largest level down, in the order of `census.places.LEVELS`."""
    sort: Sort = Sort.JOINED
    descending: bool = True
    page: int = 1
    kept_as: str = ""
    """The name of `search` in the session; '' if it has no digits."""
    is_lost: bool = False
    """True if the address names a search that the session does not keep."""

    @classmethod
    def from_address(cls, given: Mapping[str, str]) -> "Listing":
        """The listing that these query parameters ask for."""
        # PostgreSQL refuses a NUL in a text that is searched for.
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
        """Query parameters; defaults are left out, and a search with digits goes by its name."""
        return self._parameters(
            {NAME_PARAMETER: self.kept_as} if self.has_digits else {"q": self.search}
        )

    def _parameters(self, search: Mapping[str, str]) -> dict[str, str]:
        values = {
            **search,
            "estado": "" if self.tab is Tab.ALL else str(self.tab),
            **dict(zip(LEVELS, self.places, strict=False)),
            "orden": "" if self._in_default_order else f"{'-' * self.descending}{self.sort}",
            "pagina": "" if self.page == 1 else str(self.page),
        }
        return {name: value for name, value in values.items() if value}

    @property
    def filter_parameters(self) -> dict[str, str]:
        """The parameters that a new search keeps: all but the search and the page."""
        return replace(self, search="", page=1).parameters

    @property
    def query(self) -> str:
        """The query string with its `?`; '' if everything is at its default."""
        return _query(self.parameters)

    @property
    def narrows_tab(self) -> bool:
        """True if a search or a place filters the tab further."""
        return bool(self.search or self.places)

    @property
    def is_filtered(self) -> bool:
        """True if the listing may leave anybody out."""
        return self.narrows_tab or self.tab is not Tab.ALL

    @property
    def offset(self) -> int:
        """The number of rows before this page."""
        return (self.page - 1) * PAGE_SIZE

    @property
    def has_digits(self) -> bool:
        """True if the search may hold a cédula, alone or among words: no name has digits."""
        return any(sign.isdigit() for sign in self.search)

    @property
    def searched_digits(self) -> str:
        """The digits to find in cédulas; '' if anything else was typed."""
        if not _CEDULA_LIKE.fullmatch(self.search):
            return ""
        return re.sub(r"\D", "", self.search)

    @property
    def searched_words(self) -> list[str]:
        """The words that a name must contain, all of them, without case, accents and signs.

        Signs alone are a word that no name contains.
        """
        if self.searched_digits or not self.search:
            return []
        return name_key(self.search).split() or [self.search]

    def masked_query(self) -> str:
        """`query` with the search written out and every number in it masked, for a record."""
        masked = _NUMBER.sub(lambda found: cedulas.masked(found[0]), self.search)
        return _query(self._parameters({"q": masked}))

    def of_tab(self, tab: Tab) -> "Listing":
        """The first page of `tab`."""
        return replace(self, tab=tab, page=1)

    def of_page(self, page: int) -> "Listing":
        return replace(self, page=page)

    def unfiltered(self) -> "Listing":
        """Everybody, in the same order."""
        return replace(self, search="", tab=Tab.ALL, places=(), page=1)

    def sorted_by(self, sort: Sort) -> "Listing":
        """The first page sorted by `sort`; in reverse if that is the present order."""
        descending = not self.descending if sort is self.sort else sort is Sort.JOINED
        return replace(self, sort=sort, descending=descending, page=1)

    @property
    def _in_default_order(self) -> bool:
        return self.sort is Sort.JOINED and self.descending


def _query(parameters: Mapping[str, str]) -> str:
    return f"?{urlencode(parameters)}" if parameters else ""


def _member(kind: type[Member], value: str) -> Member | None:
    return kind(value) if value in set(kind) else None


def _search(text: str) -> str:
    # A blank at the end would be lost on the way through an address.
    return " ".join(text.split())[:LONGEST_SEARCH].rstrip()


def _page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LAST_PAGE))):
        return 1
    return min(max(int(text), 1), LAST_PAGE)
