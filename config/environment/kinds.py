"""The kinds of values that a setting may have: how each is parsed, and what is refused.

A parser gets the operator's text or the declared default, without surrounding blanks.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

TRUE_WORDS = frozenset({"1", "true", "yes", "on", "si", "sí"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})

HOST = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9a-fA-F:.]+\]")
"""A name, an IPv4 address, an IPv6 address in brackets, .example.org for all below it, or *."""
ORIGIN = re.compile(r"https?://(\*\.)?([\w.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]+)?")
"""A scheme and a host, without a path; a `*.` may stand for subdomains."""
LABEL = re.compile(r"[A-Za-z0-9_-]{1,50}")
DSN = re.compile(r"https?://[^\s@/:]+@[^\s@/]+(/[^\s/]+)*/[0-9]+")
"""A scheme, a public key, a host and a project's number."""
PATH = re.compile(r"[A-Za-z0-9-]+(/[A-Za-z0-9-]+)*")

T_co = TypeVar("T_co", covariant=True)
Number = TypeVar("Number", int, float)


class Refused(Exception):
    """A text is no value of its kind. `problem` ends a sentence that the variable's name begins.

    `value` is repeated in the message, unless the setting is a secret; None: nothing is repeated.
    """

    def __init__(self, problem: str, value: object = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.value = value[:80] if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """A parser, which raises Refused, and a few words for operators about what it accepts."""

    parse: Callable[[str], T_co]
    accepts: str


def _boolean(text: str) -> bool:
    word = text.lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise Refused("must be true or false", word)
    return word in TRUE_WORDS


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a day has none
    except ValueError:
        raise Refused("must be a date such as 2027-10-31", text) from None


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _one(matches: Callable[[str], object], problem: str) -> Callable[[str], str]:
    """Return a parser of a text that matches or is empty."""

    def parse(text: str) -> str:
        if text and not matches(text):
            raise Refused(problem, text)
        return text

    return parse


def _words(text: str) -> list[str]:
    """Split a comma-separated list; blanks around and between the commas are dropped."""
    return [word.strip() for word in text.split(",") if word.strip()]


def _list(matches: Callable[[str], object], problem: str) -> Callable[[str], list[str]]:
    """Return a parser of a comma-separated list, which may be empty."""
    one = _one(matches, problem)
    return lambda text: [one(word) for word in _words(text)]


TEXT = Kind(str, "text")
DATABASE_ADDRESS = Kind(str, "sqlite:///… or postgres://…")
"""Parsed by config/environment/database.py."""
BOOLEAN = Kind(_boolean, "true or false")
DAY = Kind(_day, "a date")
EMAIL = Kind(
    _one(_is_email, "must be an e-mail address such as datos@example.org"), "an e-mail address"
)
FILE = Kind(_one(lambda text: Path(text).is_file(), "must name a file"), "the path of a file")
SHORT_NAME = Kind(
    _one(LABEL.fullmatch, "must be a name of up to 50 letters, digits, hyphens and underscores"),
    "up to 50 letters, digits, hyphens, underscores",
)
"""A short name that becomes part of keys and addresses."""
HOSTS = Kind(
    _list(HOST.fullmatch, "must list host names without scheme, port or path"),
    "host names, comma-separated",
)
"""As Django compares them: ALLOWED_HOSTS takes no scheme, port or path."""
ORIGINS = Kind(
    _list(ORIGIN.fullmatch, "must list origins such as https://censo.example.org"),
    "origins (scheme and host), comma-separated",
)
ONE_ORIGIN = Kind(
    _one(
        lambda text: ORIGIN.fullmatch(text) and "*" not in text,
        "must be one origin such as https://censo.example.org",
    ),
    "an origin (scheme and host)",
)
SENTRY_ADDRESS = Kind(
    _one(DSN.fullmatch, "must be an address such as https://KEY@sentry.example.org/1"),
    "a DSN of Sentry's",
)


def choice(*choices: str) -> Kind[str]:
    matches = _one(choices.__contains__, f"must be one of {', '.join(choices)}")
    return Kind(lambda text: matches(text.lower()), f"one of {', '.join(choices)}")


def whole_number(least: int, most: int, unit: str = "") -> Kind[int]:
    return Kind(lambda text: _number(text, int, least, most), _range(least, most, unit))


def number(least: float, most: float, unit: str = "") -> Kind[float]:
    """A number that may have a fraction."""
    return Kind(lambda text: _number(text, float, least, most), _range(least, most, unit))


def numbers(least: float, most: float, unit: str) -> Kind[tuple[float, ...]]:
    """Comma-separated numbers, at least one."""

    def parse(text: str) -> tuple[float, ...]:
        if not _words(text):
            raise Refused(f"must list at least one number of {unit}")
        return tuple(_number(word, float, least, most) for word in _words(text))

    return Kind(parse, f"{_range(least, most, unit)} each, comma-separated")


def _range(least: float, most: float, unit: str) -> str:
    return f"{least} to {most} {unit}".strip()


def _number(text: str, kind: Callable[[str], Number], least: Number, most: Number) -> Number:
    try:
        value = kind(text)
    except ValueError:
        noun = "a whole number" if kind is int else "a number"
        raise Refused(f"must be {noun}", text) from None
    if not math.isfinite(value):
        raise Refused("must be a finite number", text)
    if not least <= value <= most:
        raise Refused(f"must lie between {least} and {most}", value)
    return value


def line(most: int) -> Kind[str]:
    """Words that are shown to people as they are."""
    return Kind(
        _one(
            lambda text: text.isprintable() and len(text) <= most,
            f"must be one line of at most {most} characters",
        ),
        f"one line of up to {most} characters",
    )


def token(least: int) -> Kind[str]:
    """Text that travels in an HTTP header: visible ASCII characters alone."""
    accepts = f"at least {least} letters, digits and signs, without blanks"
    return Kind(_one(re.compile(f"[!-~]{{{least},}}").fullmatch, f"must be {accepts}"), accepts)


def path(taken: frozenset[str]) -> Kind[str]:
    """A path below the site's root, ending in a slash, that begins with none of `taken`."""

    def parse(text: str) -> str:
        bare = text.removeprefix("/").removesuffix("/")
        if not PATH.fullmatch(bare):
            raise Refused("must be letters, digits and dashes, with slashes between them", bare)
        first = bare.split("/", 1)[0]
        if first in taken:
            raise Refused(f"must not begin with {first!r}: a page is there")
        return f"{bare}/"

    return Kind(parse, "letters, digits, dashes and slashes")


def address(*schemes: str) -> Kind[str]:
    """An address of one of the schemes. One with an @ is not repeated: it may hold a password."""
    starts = tuple(f"{scheme}://" for scheme in schemes)

    def parse(text: str) -> str:
        problem = ""
        if text and not text.startswith(starts):
            problem = f"must be an address that starts with {' or '.join(starts)}"
        elif len(text.split()) > 1 or text in starts:
            problem = "must be a complete address"
        if problem and "@" in text:
            raise Refused(f"{problem}, not what is set")
        if problem:
            raise Refused(problem, text)
        return text

    return Kind(parse, " or ".join(f"{start}…" for start in starts))


WEB_ADDRESS = address("http", "https")
DAYS = whole_number(0, 36_500, "days")
"""Up to a hundred years."""
PORT = whole_number(1, 65535)
