"""Ids bound to the current context, by which all log lines of a request or lookup are found.

`accounts.logs.masking` copies them into every log record, also from tasks of an event loop that
start while they are bound. Bind nothing but ids about a person.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from django.utils.crypto import get_random_string

Fields = Mapping[str, str | int]

NO_FIELDS: Fields = MappingProxyType({})
LETTERS = "bcdfghjkmnpqrstvwxyz"
"""Without vowels, so that no words arise, and without l, which looks like 1."""
LENGTH = 16
"""20 ** 16 is 69 bits. Letters alone, so that an id never looks like a cédula and is never
masked."""
MOST_CHARACTERS = 64
WELL_FORMED = re.compile(rf"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_-]{{15,{MOST_CHARACTERS - 1}}}")
"""The ids that proxies make: 32 hexadecimal digits, a UUID, a ULID. At least one letter, because a
number may be a person's."""

_fields: ContextVar[Fields] = ContextVar("log_fields", default=NO_FIELDS)
_BOUND_WHEN_RAISED = "log_fields_when_raised"


def fields() -> Fields:
    """The fields bound now."""
    return _fields.get()


def request_id() -> str:
    """The id of the current request, or ''."""
    return str(_fields.get().get("request_id", ""))


def new_request_id() -> str:
    """A new random id of 16 letters."""
    return get_random_string(LENGTH, LETTERS)


def begin_request(request_id: str) -> None:
    """Bind only this id, until `end_request`."""
    _fields.set({"request_id": request_id})


def end_request() -> None:
    """Unbind everything, because the thread goes on to other requests."""
    _fields.set(NO_FIELDS)


@contextmanager
def bound(more: Fields) -> Iterator[None]:
    """Bind `more` in addition, within the `with` block.

    An exception that leaves the block keeps them, because it is logged outside of it.
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
    """The fields that were bound where `error` left the innermost `bound`."""
    kept: Fields = getattr(error, _BOUND_WHEN_RAISED, NO_FIELDS)
    return kept
