"""Text as the site sends it, made fit to compare and to keep."""

import unicodedata

CEDULA_LENGTHS = range(6, 11)
"""How many digits a cédula has."""

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Controls, invisible and bidi-override characters, lone surrogates, and what is no character."""


class _Visible(dict[int, str | None]):
    """For `str.translate`: blanks become spaces, what nobody can see goes.

    Filled as characters are met, so that a long text costs one look-up per character.
    """

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        if character.isspace():
            self[code] = " "
        else:
            self[code] = None if unicodedata.category(character) in _DROPPED else character
        return self[code]


class _Letters(dict[int, int | None]):
    """For `str.translate`: combining accents go."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.combining(chr(code)) else code
        return self[code]


_VISIBLE = _Visible()
_LETTERS = _Letters()


def clean(text: str) -> str:
    """The text on one line: blanks collapsed, characters that nobody can see removed."""
    return " ".join(text.translate(_VISIBLE).split())


def fold(text: str) -> str:
    """The text for comparing: cleaned, lower case, without accents."""
    folded = unicodedata.normalize("NFKD", clean(text)).casefold()
    return clean(unicodedata.normalize("NFKD", folded).translate(_LETTERS))
