"""Clean the site's text for keeping, and fold it for comparing."""

import unicodedata

CEDULA_LENGTHS = range(6, 11)
"""The possible numbers of digits of a cédula."""

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Controls, invisible and bidi-override characters, lone surrogates, unassigned code points."""


class _Visible(dict[int, str | None]):
    """A table for `str.translate` that makes blanks spaces and drops invisible characters.

    It is filled as characters are met, so that a long text costs one look-up per character.
    """

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        if character.isspace():
            self[code] = " "
        else:
            self[code] = None if unicodedata.category(character) in _DROPPED else character
        return self[code]


class _Letters(dict[int, int | None]):
    """A table for `str.translate` that drops combining accents."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.combining(chr(code)) else code
        return self[code]


_VISIBLE = _Visible()
_LETTERS = _Letters()


def clean(text: str) -> str:
    """Return the text on one line: blanks collapsed, invisible characters removed."""
    return " ".join(text.translate(_VISIBLE).split())


def fold(text: str) -> str:
    """Return the text for comparing: cleaned, lower case, without accents."""
    folded = unicodedata.normalize("NFKD", clean(text)).casefold()
    return clean(unicodedata.normalize("NFKD", folded).translate(_LETTERS))
