"""The ids by which everything that is logged about one request, or one lookup, is found again.

What is bound here stands in every log line that is written meanwhile (`accounts.logs.masking` puts
it into the record), also in the tasks of an event loop that are begun meanwhile. Bind nothing else
about a person.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from django.utils.crypto import get_random_string

Fields = Mapping[str, str | int]

NOTHING: Fields = MappingProxyType({})
LETTERS = "bcdfghjkmnpqrstvwxyz"
"""Without vowels, so that no word comes out; without l, which looks like 1."""
LENGTH = 16
"""20 letters to the power of it: 69 bits. Letters alone, so that it never looks like a cédula and
is never masked."""
MOST_CHARACTERS = 64
WELL_FORMED = re.compile(rf"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_-]{{15,{MOST_CHARACTERS - 1}}}")
"""What proxies make: 32 hexadecimal digits, a UUID, a ULID. With a letter: a number may be
somebody's."""

_fields: ContextVar[Fields] = ContextVar("log_fields", default=NOTHING)
_BOUND_WHEN_RAISED = "log_fields_when_raised"


def fields() -> Fields:
    """What is bound now."""
    return _fields.get()


def request_id() -> str:
    """The id of the request that is being answered; '' where there is none."""
    return str(_fields.get().get("request_id", ""))


def new_request_id() -> str:
    """An id that no other request has: 16 letters."""
    return get_random_string(LENGTH, LETTERS)


def begin_request(request_id: str) -> None:
    """Bind this id, and nothing else, until `end_request`."""
    _fields.set({"request_id": request_id})


def end_request() -> None:
    """Bind nothing any more: this thread answers others next."""
    _fields.set(NOTHING)


@contextmanager
def bound(more: Fields) -> Iterator[None]:
    """Within it, these are bound as well.

    An exception that leaves it keeps them: it is logged further out, where they are not.
    """
    token = _fields.set({**_fields.get(), **more})
    try:
        yield
    except Exception as error:
        if not hasattr(error, _BOUND_WHEN_RAISED):
            setattr(error, _BOUND_WHEN_RAISED, _fields.get())
        raise
    finally:
        _fields.reset(token)


def bound_when_raised(error: BaseException | None) -> Fields:
    """What was bound where this exception came from, as far as `bound` has seen it."""
    kept: Fields = getattr(error, _BOUND_WHEN_RAISED, NOTHING)
    return kept
