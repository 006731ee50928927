"""The parsers of the census's pages, found by what they are: a text in, a reading out."""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import get_type_hints

from scraper import parsers, shapes
from scraper.page_shape import PageShape
from scraper.results import Lookup

Parser = Callable[[str], Lookup | PageShape]

READINGS = (Lookup, PageShape)


def found_parsers() -> dict[str, Callable[..., Lookup | PageShape]]:
    """{name: function} of all public functions that read a page or an answer from its text."""
    names = [module.name for module in pkgutil.iter_modules(parsers.__path__, "scraper.parsers.")]
    return {
        name: function
        for module in (shapes, *map(import_module, names))
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and function.__module__ == module.__name__ and _reads(function)
    }


def _reads(function: Callable[..., object]) -> bool:
    """True if the function's one positional argument is a text, and it returns a reading."""
    hints = get_type_hints(function)
    positional = [
        argument.name
        for argument in inspect.signature(function).parameters.values()
        if argument.kind is not argument.KEYWORD_ONLY
    ]
    return hints.get("return") in READINGS and [hints.get(name) for name in positional] == [str]


def ways_to_read(cedula: str) -> Iterator[Parser]:
    """Yield each parser as it is and, where it can check the cédula asked for, with this one."""
    for function in found_parsers().values():
        yield function
        if "cedula" in inspect.signature(function).parameters:
            yield partial(function, cedula=cedula)
