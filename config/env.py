"""Read the environment strictly: what makes no sense stops the start and names the variable."""

import math
import os
import re
from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on", "si", "sí"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})

HOST = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9a-fA-F:.]+\]")
"""A name, an IPv4 address, an IPv6 address in brackets, .example.org for all below it, or *."""
ORIGIN = re.compile(r"https?://(\*\.)?([\w.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]+)?")
"""A scheme and a host, without a path; a `*.` may stand for subdomains."""
LABEL = re.compile(r"[A-Za-z0-9_-]{1,50}")

Number = TypeVar("Number", int, float)


def text(name: str, default: str = "") -> str:
    """The variable without surrounding blanks; an empty one counts as not set."""
    return os.environ.get(name, "").strip() or default


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


def seconds_list(
    name: str, default: tuple[float, ...], *, least: float, most: float
) -> tuple[float, ...]:
    """Comma-separated lengths of time in seconds, at least one."""
    given = words(name, tuple(str(value) for value in default))
    if not given:
        raise ImproperlyConfigured(f"{name} must list at least one number of seconds.")
    return tuple(_in_range(name, _number(name, item, float), least, most) for item in given)


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


def address(name: str, default: str = "", *, schemes: tuple[str, ...]) -> str:
    """An address of one of the schemes, or '' where neither variable nor default is set."""
    value = text(name, default)
    starts = tuple(f"{scheme}://" for scheme in schemes)
    shown = "what is set" if "@" in value else repr(value)  # it may hold a password
    if value and not value.startswith(starts):
        raise ImproperlyConfigured(
            f"{name} must be an address that starts with {' or '.join(starts)}, not {shown}."
        )
    if len(value.split()) > 1 or value in starts:
        raise ImproperlyConfigured(f"{name} must be a complete address, not {shown}.")
    return value


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
