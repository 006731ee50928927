"""What a page's request asks for, with searches for cédulas kept out of its address.

An address stays in histories, in proxies' logs and in what people copy to each other. So what was
typed with digits in it is kept in the session, under a short random name, and the address carries
that name. It means nothing in any other session.
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
"""Per session; the oldest is forgotten first."""
NAME_LENGTH = 8
"""Letters: over 200 thousand million names, and never anything like a cédula."""


def listing_of(request: HttpRequest, given: Mapping[str, str]) -> Listing:
    """The listing that these parameters of `request`, of its address or a form, ask for.

    A name that this session does not know leaves everybody, and says so.
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
    """The name under which this session finds `search` again."""
    kept = _kept(session)
    for name, text in kept.items():
        if text == search:
            return name
    name = get_random_string(NAME_LENGTH, ascii_lowercase)
    newest = [*kept.items(), (name, search)][-MOST_KEPT:]
    session[SESSION_KEY] = [list(pair) for pair in newest]
    return name


def _kept(session: "SessionBase") -> dict[str, str]:
    """What is kept, the oldest first."""
    # Pairs, not an object: what is stored in sessions need not keep the order of its keys.
    return dict(session.get(SESSION_KEY, []))
