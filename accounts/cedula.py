"""Cédulas: typed with dots and spaces, stored as digits, shown with dots. Pure functions."""

import re

SHAPE = re.compile(r"[1-9][0-9]{5,9}")
"""6 to 10 ASCII digits, no leading zero. There is no check digit; no library validates one."""

_SEPARATORS = re.compile(r"[\s.\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
"""Blanks, dots, and the invisible marks that come along when a number is copied from a chat."""


class InvalidCedula(ValueError):
    """The text is not a cédula; the message is a sentence in Spanish for whoever typed it."""


def normalise(text: str) -> str:
    """The digits of a cédula as it is stored.

    Raises InvalidCedula where anything but digits, dots and blanks was typed, or where their
    number or the first of them is not a cédula's.
    """
    digits = _SEPARATORS.sub("", text)
    if not digits:
        raise InvalidCedula("Escribe tu número de cédula.")
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidCedula("La cédula lleva solo números: quita las letras y los demás signos.")
    if digits.startswith("0"):
        raise InvalidCedula("Una cédula no empieza por cero. Revisa el número.")
    if not SHAPE.fullmatch(digits):
        raise InvalidCedula(
            f"Una cédula tiene entre 6 y 10 números y escribiste {len(digits)}. Revísala."
        )
    return digits


def formatted(cedula: str) -> str:
    """The cédula as people read it: 1.234.567.890. Anything but digits is returned as it is."""
    if not (cedula.isascii() and cedula.isdigit()):
        return cedula
    return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ".", cedula)


def masked(cedula: str) -> str:
    """Enough to tell two rows apart in a log, too little to look anybody up: ••••890."""
    return f"••••{cedula[-3:]}"
