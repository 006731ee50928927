"""Read the environment strictly: what makes no sense stops the start and names the variable."""

import math
import os
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured, ValidationError
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

Number = TypeVar("Number", int, float)


def text(name: str, default: str = "") -> str:
    """The variable without surrounding blanks; an empty one counts as not set."""
    return os.environ.get(name, "").strip() or default


def secret(name: str) -> str:
    """The variable, or what the file holds that NAME_FILE names; '' where neither is set.

    Files are how Docker and systemd hand over credentials: an environment is inherited and shown
    by `docker inspect`. No message repeats either: people put the secret into the wrong one.
    """
    given, path = text(name), text(f"{name}_FILE")
    if not path:
        return given
    if given:
        raise ImproperlyConfigured(f"{name}_FILE and {name} are both set: keep one of them.")
    try:
        held = Path(path).read_text(encoding="utf-8").strip()
    except OSError as problem:
        raise ImproperlyConfigured(
            f"{name}_FILE must name a file that can be read: {problem.strerror}."
        ) from None
    except ValueError:
        raise ImproperlyConfigured(f"{name}_FILE must name a file of UTF-8 text.") from None
    if not held:
        raise ImproperlyConfigured(f"{name}_FILE names a file that is empty.")
    return held


def token(name: str, *, least: int) -> str:
    """A secret that travels in a header: `least` visible signs of ASCII or more, or ''."""
    value = secret(name)
    if value and (len(value) < least or not re.fullmatch(r"[!-~]+", value)):
        raise ImproperlyConfigured(
            f"{name} must be at least {least} letters, digits and signs, without blanks."
        )
    return value


def label(name: str, default: str) -> str:
    """A short name that stands in keys and addresses: letters, digits, hyphens, underscores."""
    value = text(name, default)
    if not LABEL.fullmatch(value):
        raise ImproperlyConfigured(
            f"{name} must be a name of up to 50 letters, digits, hyphens and underscores,"
            f" not {value!r}."
        )
    return value


def boolean(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def choice(name: str, choices: tuple[str, ...], default: str) -> str:
    value = text(name, default).lower()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A comma-separated list; blanks around and between the commas are dropped."""
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else list(default)


def whole_number(name: str, default: int, *, least: int, most: int) -> int:
    return _in_range(name, _number(name, text(name, str(default)), int), least, most)


def seconds(name: str, default: float, *, least: float, most: float) -> float:
    """A length of time in seconds; fractions are accepted."""
    return _in_range(name, _number(name, text(name, str(default)), float), least, most)


def fraction(name: str, default: float) -> float:
    """A share of a whole, from 0 to 1."""
    return _in_range(name, _number(name, text(name, str(default)), float), 0, 1)


def seconds_list(
    name: str, default: tuple[float, ...], *, least: float, most: float
) -> tuple[float, ...]:
    """Comma-separated lengths of time in seconds, at least one."""
    given = words(name, tuple(str(value) for value in default))
    if not given:
        raise ImproperlyConfigured(f"{name} must list at least one number of seconds.")
    return tuple(_in_range(name, _number(name, item, float), least, most) for item in given)


def days(name: str, default: int) -> int:
    """A length of time in whole days, up to a hundred years."""
    return whole_number(name, default, least=0, most=36_500)


def day(name: str) -> date | None:
    """A day such as 2027-10-31; None where the variable is not set."""
    value = text(name)
    if not value:
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  a day has none
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} must be a date such as 2027-10-31, not {value!r}."
        ) from None


def hosts(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Names under which the site is reached, as Django compares them: nothing around them."""
    given = words(name, default)
    for host in given:
        if not HOST.fullmatch(host):
            raise ImproperlyConfigured(
                f"{name} must list host names without scheme, port or path, not {host!r}."
            )
    return given


def origins(name: str) -> list[str]:
    """Schemes and hosts, such as https://censo.example.org; a `*.` may stand for subdomains."""
    given = words(name)
    for origin in given:
        if not ORIGIN.fullmatch(origin):
            raise ImproperlyConfigured(
                f"{name} must list origins such as https://censo.example.org, not {origin!r}."
            )
    return given


def origin(name: str) -> str:
    """One scheme and host, such as https://censo.example.org; '' where the variable is not set."""
    value = text(name)
    if value and (not ORIGIN.fullmatch(value) or "*" in value):
        raise ImproperlyConfigured(
            f"{name} must be one origin such as https://censo.example.org, not {value!r}."
        )
    return value


def line(name: str, *, most: int) -> str:
    """Words that are shown to people as they are; '' where the variable is not set."""
    value = text(name)
    if not value.isprintable() or len(value) > most:
        raise ImproperlyConfigured(
            f"{name} must be one line of at most {most} characters, not {value[:80]!r}."
        )
    return value


def email(name: str) -> str:
    """An e-mail address, or '' where the variable is not set."""
    value = text(name)
    if value:
        try:
            validate_email(value)
        except ValidationError:
            raise ImproperlyConfigured(
                f"{name} must be an e-mail address such as datos@example.org, not {value!r}."
            ) from None
    return value


def path(name: str, default: str, *, taken: frozenset[str]) -> str:
    """A path below the site's root, ending in a slash, that begins with none of `taken`."""
    value = text(name, default).removeprefix("/").removesuffix("/")
    if not PATH.fullmatch(value):
        raise ImproperlyConfigured(
            f"{name} must be letters, digits and dashes, with slashes between them, not {value!r}."
        )
    first = value.split("/", 1)[0]
    if first in taken:
        raise ImproperlyConfigured(f"{name} must not begin with {first!r}: a page is there.")
    return f"{value}/"


def address(name: str, default: str = "", *, schemes: tuple[str, ...]) -> str:
    """An address of one of the schemes, or '' where neither variable nor default is set."""
    value = text(name, default)
    _require_address(name, value, schemes, "what is set" if "@" in value else repr(value))
    return value


def secret_address(name: str, *, schemes: tuple[str, ...]) -> str:
    """An address that may hold a password, or '' where it is not set: see `secret`."""
    value = secret(name)
    _require_address(name, value, schemes, "what is set")
    return value


def secret_dsn(name: str) -> str:
    """Where Sentry takes reports, or '' where it is not set: see `secret`."""
    value = secret(name)
    if value and not DSN.fullmatch(value):
        raise ImproperlyConfigured(
            f"{name} must be an address such as https://KEY@sentry.example.org/1, not what is set."
        )
    return value


def _require_address(name: str, value: str, schemes: tuple[str, ...], shown: str) -> None:
    starts = tuple(f"{scheme}://" for scheme in schemes)
    if value and not value.startswith(starts):
        raise ImproperlyConfigured(
            f"{name} must be an address that starts with {' or '.join(starts)}, not {shown}."
        )
    if len(value.split()) > 1 or value in starts:
        raise ImproperlyConfigured(f"{name} must be a complete address, not {shown}.")


def web_address(name: str, default: str = "") -> str:
    """An http or https address, or the empty string where neither variable nor default is set."""
    return address(name, default, schemes=("http", "https"))


def _number(name: str, value: str, kind: Callable[[str], Number]) -> Number:
    try:
        number = kind(value)
    except ValueError:
        noun = "a whole number" if kind is int else "a number"
        raise ImproperlyConfigured(f"{name} must be {noun}, not {value!r}.") from None
    if not math.isfinite(number):
        raise ImproperlyConfigured(f"{name} must be a finite number, not {value!r}.")
    return number


def _in_range(name: str, value: Number, least: Number, most: Number) -> Number:
    if not least <= value <= most:
        raise ImproperlyConfigured(f"{name} must lie between {least} and {most}, not {value}.")
    return value
