"""Cédulas: typed with dots and spaces, stored as digits, shown with dots. Pure functions."""

import re

from accounts.identity.rules import Rule, Rules

FEWEST_DIGITS = 6
SHAPE = re.compile(r"[1-9][0-9]{5,9}")
"""6 to 10 ASCII digits, no leading zero. A cédula has no check digit."""

MISSING = "Escribe tu número de cédula."
RULES = Rules(
    ignored=(
        # Spaces, dots, and the invisible marks of a number copied from a chat.
        r"[\s\x1c-\x1f\x85.\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+",
        # The rest of a "C.C." or "C.C. No.:", which documents print before the number.
        r"^[Cc][Cc](?:[Nn][oOº°])?[:\-]?",
    ),
    required=(
        Rule(r"^[0-9]+$", "La cédula lleva solo números: quita las letras y los demás signos."),
        Rule(r"^[^0]", "Una cédula no empieza por cero. Revisa el número."),
        Rule(
            r"^[0-9]{6,10}$",
            "Una cédula tiene entre 6 y 10 números y escribiste {count}. Revísala.",
        ),
    ),
)

_SEPARATED = r"[1-9]\d{0,2}(?:(?:[., \u00a0+]|%20|%C2%A0)\d{3}){1,3}"
_IN_TEXT = re.compile(
    rf"(?:(?<![\d#%])(?<!\d\.)|(?<=%[0-9A-F]{{2}}))(?:{_SEPARATED}|[1-9]\d{{5,9}})(?!\d|\.\d)"
)
"""A possible cédula in any text: a run of digits, or groups of thousands as people and URLs write
them. Not part of a longer run, a fraction or a colour."""


class InvalidCedula(ValueError):
    """The text is not a cédula. The message is a sentence in Spanish for the person typing it."""


def normalise(text: str) -> str:
    """Return the digits of a cédula, as stored.

    Raise InvalidCedula if the text has anything but digits, dots, spaces and a leading "C.C.", or
    has too few or too many digits, or begins with a zero.
    """
    digits = RULES.read(text)
    if not digits:
        raise InvalidCedula(MISSING)
    problem = RULES.problem_with(digits)
    if problem:
        raise InvalidCedula(problem)
    return digits


def formatted(cedula: str) -> str:
    """The cédula with dots, 1.234.567.890. Text with anything but digits is returned unchanged."""
    if not (cedula.isascii() and cedula.isdigit()):
        return cedula
    return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ".", cedula)


def masked(cedula: str) -> str:
    """Mask a cédula as ••••890: enough to tell rows apart in a log, too little to identify."""
    return f"••••{cedula[-3:]}"


def masked_in(text: str) -> str:
    """Mask every number of 6 to 10 digits in `text`.

    That includes times, phones and ids, so use it only for text from elsewhere, such as an
    exception's.
    """
    return _IN_TEXT.sub(_masked_match, text)


def _masked_match(match: re.Match[str]) -> str:
    digits = re.sub(r"%20|%C2%A0|\D", "", match[0])
    return masked(digits) if len(digits) >= FEWEST_DIGITS else match[0]
