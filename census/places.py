"""Keys that compare voting places: MEDELLIN and Medellín are one, mesa 07 is mesa 7. Pure.

The census writes a place in several ways, over time and between its pages, and its own codes are
not on every page.
"""

from collections.abc import Mapping

from accounts.identity.names import folded

LONGEST_KEY: Mapping[str, int] = {"departamento": 100, "municipio": 100, "puesto": 200, "mesa": 20}
"""The length of each column: a folded name may be longer than the name, as ½ becomes 1/2."""

LEVELS = tuple(LONGEST_KEY)
"""From the largest to the smallest."""

MESA_WIDTH = 4


def place_key(level: str, name: str) -> str:
    """Return the key by which `name` is grouped and sorted in its level; '' for no name.

    The key of a key is that key, so that an address can hold it.
    """
    # PostgreSQL refuses a NUL. The census never sends one, but an address may.
    key = folded(name.replace("\0", ""))[: LONGEST_KEY[level]].rstrip()
    if level == "mesa" and key.isascii() and key.isdigit():
        return key.lstrip("0").zfill(MESA_WIDTH)  # so that 10 comes after 9
    return key
