"""Fold names for comparison: ignore case, accents, signs and extra spaces. Pure functions."""

import unicodedata

_APOSTROPHES = dict.fromkeys(map(ord, "'`\xb4\u02bc\u2018\u2019\u2032"))


def folded(text: str) -> str:
    """Return `text` without case, accents and extra spaces: "  Núñez  PEÑA" gives "nunez pena".

    The ñ becomes n too: not everybody types it, and MARINO may be MARIÑO in the census.
    Folding is idempotent.
    """
    # Decompose before casefolding and after: a character may become capitals, as ™ becomes TM.
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).split())


def name_key(name: str) -> str:
    """Return the folded name without signs, for search and order.

    Apostrophes of every form are left out, so that D'Costa is one name; other signs are blanks. The
    key of a key is that key.
    """
    plain = folded(name.translate(_APOSTROPHES))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in plain).split())
