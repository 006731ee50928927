"""Make text of the bytes of an answer, and notice text that was damaged on its way.

Chromium decodes an answer by its header, or by a guess, and hands the text over as UTF-8; bytes
that it could not decode come as they were sent. So the header is never read here: it has been
obeyed already, and it may name any of a hundred codecs, some of which take for ever.
"""

import re

from scraper.errors import UnknownPage

MAX_BYTES = 4_000_000
"""A longer answer is not decoded. Those of the census have a thousandth of it."""

_CHARACTERS = [bytes([byte]).decode("windows-1252", "ignore") or chr(byte) for byte in range(256)]
"""Windows-1252 as browsers read it: its five unused bytes are control characters."""
_BYTES = {character: byte for byte, character in enumerate(_CHARACTERS)}

_SPANISH = re.compile(
    r"[\t\n\r -~\xa0ÁÉÍÓÚÜÑáéíóúüñ¡¿ªº°«»\xb4·\u2013\u2014\u2018\u2019\u201c\u201d…•€]*"
)
_DAMAGED = re.compile("\ufffd|â€|[ÂÃ](?![A-Za-z])")
"""The sign for lost bytes, or UTF-8 that was read as Windows-1252: "Ñ" becomes "Ã" and a sign. In
names such as "São" or "Château" a letter follows."""


def text_of(body: bytes) -> str:
    """Return the text of an answer's body, as Chromium hands it over.

    UTF-8 that was declared as Windows-1252 or Latin-1 is read as what it is; so is Windows-1252
    that was declared as UTF-8 or not at all, if only characters of Spanish come of it. Raises
    UnknownPage for other bytes, and if there are more than MAX_BYTES.
    """
    if len(body) > MAX_BYTES:
        raise UnknownPage("The answer is too large to be the census's.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "".join(map(_CHARACTERS.__getitem__, body))
        if not _SPANISH.fullmatch(text):
            raise UnknownPage("The answer's encoding is not known.") from None
        return text
    try:
        return bytes(map(_BYTES.__getitem__, text)).decode("utf-8-sig")
    except (KeyError, UnicodeDecodeError):
        return text


def is_damaged(text: str) -> bool:
    """True if characters were lost, or decoded by the wrong encoding."""
    return _DAMAGED.search(text) is not None
