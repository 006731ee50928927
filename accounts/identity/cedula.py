"""Cédulas: typed with dots and spaces, stored as digits, shown with dots. Pure functions."""

import re

from accounts.identity.rules import Rule, Rules

FEWEST_DIGITS = 6
SHAPE = re.compile(r"[1-9][0-9]{5,9}")
"""6 to 10 ASCII digits, no leading zero. There is no check digit; no library validates one."""

MISSING = "Escribe tu número de cédula."
RULES = Rules(
    ignored=(
        # Blanks, dots, and the invisible marks that come along when a number is copied from a chat.
        r"[\s\x1c-\x1f\x85.\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+",
        # What is left of a "C.C." or "C.C. No.:", as it stands before the number in documents.
        r"^[Cc][Cc](?:[Nn][oOº°])?[:\-]?",
    ),
    demanded=(
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
"""What a cédula may look like in any text: a run of digits, or thousands apart as people and
addresses write them. Not a part of a longer run, a fraction or a colour."""


class InvalidCedula(ValueError):
    """The text is not a cédula; the message is a sentence in Spanish for whoever typed it."""


def normalise(text: str) -> str:
    """The digits of a cédula as it is stored.

    Raises InvalidCedula where anything but digits, dots, blanks and a "C.C." before them was typed,
    or where their number or the first of them is not a cédula's.
    """
    digits = RULES.read(text)
    if not digits:
        raise InvalidCedula(MISSING)
    problem = RULES.broken_by(digits)
    if problem:
        raise InvalidCedula(problem)
    return digits


def formatted(cedula: str) -> str:
    """The cédula as people read it: 1.234.567.890. Anything but digits is returned as it is."""
    if not (cedula.isascii() and cedula.isdigit()):
        return cedula
    return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ".", cedula)


def masked(cedula: str) -> str:
    """Enough to tell two rows apart in a log, too little to look anybody up: ••••890."""
    return f"••••{cedula[-3:]}"


def masked_in(text: str) -> str:
    """The text with all that may be a cédula masked: every number of 6 to 10 digits.

    It takes times, phones and ids along: for texts that others write, such as an exception's.
    """
    return _IN_TEXT.sub(_masked_match, text)


def _masked_match(match: re.Match[str]) -> str:
    digits = re.sub(r"%20|%C2%A0|\D", "", match[0])
    return masked(digits) if len(digits) >= FEWEST_DIGITS else match[0]
