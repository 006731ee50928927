"""Colombian telephone numbers: typed in many ways, stored as ten digits. Pure functions."""

import re

from accounts.identity.rules import Rule, Rules

SHAPE = re.compile(r"(?:3[0-9]|60)[0-9]{8}")
"""Ten digits: a mobile starts with 3, a landline with 60 and its region (since September 2021)."""
MISSING = "Escribe tu número de celular."
RULES = Rules(
    ignored=(
        # Spaces, dots, dashes of any length, brackets, and the invisible marks of a copied number.
        r"[\s\x1c-\x1f\x85.()\-\u2010-\u2015\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+",
        r"^(?:\+|00)?57(?=[0-9]{10}$)",
    ),
    required=(
        Rule(r"^[0-9]+$", "El celular lleva solo números, sin letras ni otros signos."),
        Rule(
            r"^[0-9]{10}$",
            "Un número de Colombia tiene 10 dígitos y escribiste {count}. Revísalo.",
        ),
        Rule(
            rf"^{SHAPE.pattern}$",
            "Un celular empieza por 3 y un teléfono fijo por 60. Revisa el número.",
        ),
    ),
)


class InvalidPhone(ValueError):
    """The text is not a Colombian number. The message is a sentence in Spanish for the person."""


def normalise(text: str) -> str:
    """Return the ten digits of a number, as stored, without the country's +57.

    Raise InvalidPhone unless it is a Colombian mobile or landline number.
    """
    digits = RULES.read(text)
    if not digits:
        raise InvalidPhone(MISSING)
    problem = RULES.problem_with(digits)
    if problem:
        raise InvalidPhone(problem)
    return digits


def formatted(phone: str) -> str:
    """The number with spaces, 300 123 4567. Text that is not ten digits is returned unchanged."""
    if not (len(phone) == 10 and phone.isascii() and phone.isdigit()):
        return phone
    return f"{phone[:3]} {phone[3:6]} {phone[6:]}"
