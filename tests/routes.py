"""Every URL of the product, read from its URL configuration, so that new ones are included."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from django.urls import URLPattern, URLResolver, get_resolver

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
GROUP = re.compile(r"\(\?P<(\w+)>[^)]*\)")

Values = Mapping[str, Sequence[str]]
"""{argument's name: values to fill in}."""


def addresses(values: Values) -> list[str]:
    """A path for each route and each combination of its arguments' values.

    Raises AssertionError for an argument without values: pages of that route would go untested.
    """
    return [path for route in routes() for path in _filled(route, values)]


def routes() -> Iterator[str]:
    """Each route from the root, with its arguments as `<name>`."""
    for pattern in get_resolver().url_patterns:
        yield from _below("/", pattern)


def _below(prefix: str, pattern: URLPattern | URLResolver) -> Iterator[str]:
    route = prefix + _plain(str(pattern.pattern))
    if isinstance(pattern, URLResolver):
        for inner in pattern.url_patterns:
            yield from _below(route, inner)
    else:
        yield route


def _plain(route: str) -> str:
    """Write a path pattern or a regular expression in one notation: `referido/<user_id>/`."""
    if "(?P<" in route:  # Django's admin has two of them
        return GROUP.sub(r"<\1>", route.removeprefix("^").removesuffix("$"))
    return ARGUMENT.sub(r"<\1>", route)


def _filled(route: str, values: Values) -> Iterator[str]:
    names = ARGUMENT.findall(route)
    unknown = [name for name in names if name not in values]
    assert not unknown, f"{route}: say in tests/routes.py's callers what {unknown} may be"
    for chosen in product(*(values[name] for name in names)):
        path = route
        for name, value in zip(names, chosen, strict=True):
            path = path.replace(f"<{name}>", value)
        yield path
