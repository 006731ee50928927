"""Text as it is compared: case, accents and blanks do not tell two names apart. Pure."""

import unicodedata


def folded(text: str) -> str:
    """`text` without case, accents and surplus blanks: "  Núñez  PEÑA" becomes "nunez pena".

    The ñ becomes an n too: people type it or not, and MARINO may be MARIÑO in the census.
    Folding what is folded changes nothing.
    """
    # Before the case and after: one sign may fall apart into capitals, as ™ into TM.
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).split())
