"""The listing that a request asks for, with searches for cédulas kept out of addresses.

Addresses stay in browser histories and proxies' logs, and people copy them to each other. So a
search with digits is kept in the session under a short random name, and the address holds that
name, which means nothing in any other session.
"""

from collections.abc import Mapping
from dataclasses import replace
from string import ascii_lowercase
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.crypto import get_random_string

from census.referidos.listing import NAME_PARAMETER, Listing

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase

SESSION_KEY = "searches"
MOST_KEPT = 20
"""Searches per session; the oldest is dropped first."""
NAME_LENGTH = 8
"""Letters: 26^8, over 200 thousand million names, none of which looks like a cédula."""


def listing_of(request: HttpRequest, given: Mapping[str, str]) -> Listing:
    """The listing that `given`, the query or form parameters of `request`, asks for.

    Stores a search with digits in the session. If the session does not know the search's name,
    the listing has everybody and `is_lost` is set.
    """
    listing = Listing.from_address(given)
    name = given.get(NAME_PARAMETER, "")
    if listing.has_digits:
        return replace(listing, kept_as=_keep(request.session, listing.search))
    if listing.search or not name:
        return listing
    search = _kept(request.session).get(name)
    if search is None:
        return replace(listing, is_lost=True)
    return replace(listing, search=search, kept_as=name)


def _keep(session: "SessionBase", search: str) -> str:
    """Store `search` in the session, if it is not there yet; return its name."""
    kept = _kept(session)
    for name, text in kept.items():
        if text == search:
            return name
    name = get_random_string(NAME_LENGTH, ascii_lowercase)
    newest = [*kept.items(), (name, search)][-MOST_KEPT:]
    session[SESSION_KEY] = [list(pair) for pair in newest]
    return name


def _kept(session: "SessionBase") -> dict[str, str]:
    """{name: search}, the oldest first."""
    # Stored as pairs: a session need not preserve the order of an object's keys.
    return dict(session.get(SESSION_KEY, []))
