"""Fold names for comparison: ignore case, accents and extra spaces. Pure functions."""

import unicodedata


def folded(text: str) -> str:
    """Return `text` without case, accents and extra spaces: "  Núñez  PEÑA" gives "nunez pena".

    The ñ becomes n too: not everybody types it, and MARINO may be MARIÑO in the census.
    Folding is idempotent.
    """
    # Decompose before casefolding and after: a character may become capitals, as ™ becomes TM.
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).split())
