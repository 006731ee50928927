"""The census's places as they are compared: MEDELLIN and Medellín are one, mesa 07 is mesa 7. Pure.

The census writes one place in several ways, over time and between its pages, and its own codes are
not on every page.
"""

from accounts.folding import folded

LEVELS = ("departamento", "municipio", "puesto", "mesa")
"""From the largest to the smallest."""

MESA_WIDTH = 4


def place_key(level: str, name: str) -> str:
    """`name` as it is grouped and sorted among places of its level; '' for no name."""
    key = folded(name)
    if level == "mesa" and key.isascii() and key.isdigit():
        return key.lstrip("0").zfill(MESA_WIDTH)  # so that 10 comes after 9
    return key


def place_keys(names: dict[str, str]) -> dict[str, str]:
    """CedulaInfo's `…_key` fields for these names; '' for a level that is not there."""
    return {f"{level}_key": place_key(level, names.get(level, "")) for level in LEVELS}
