"""Text as the site sends it, made fit to compare and to keep."""

import unicodedata

CEDULA_LENGTHS = range(6, 11)
"""How many digits a cédula has."""

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Controls, invisible and bidi-override characters, lone surrogates, and what is no character."""


def clean(text: str) -> str:
    """The text on one line: blanks collapsed, characters that nobody can see removed."""
    seen = (
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in _DROPPED
    )
    return " ".join("".join(seen).split())


def fold(text: str) -> str:
    """The text for comparing: cleaned, lower case, without accents."""
    folded = unicodedata.normalize("NFKD", clean(text)).casefold()
    letters = (c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return clean("".join(letters))
