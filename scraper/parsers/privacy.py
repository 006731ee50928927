"""Cut and mask the text of a page that is kept for the operator."""

import re

from scraper.errors import UnknownPage
from scraper.parsers.markup import Document, visible_text
from scraper.parsers.text import CEDULA_LENGTHS, clean

MAX_PAGE_TEXT = 2_000
"""The number of characters kept of a page: enough to recognise it, no more."""

_DIGIT_GROUPS = re.compile(
    r"\d{1,3}(?:[-\u2010-\u2015\u2019\u00b4\u00b7_/]\d{3}){1,3}(?!\d)|\d+(?:[.,' ]{1,2}\d+)*"
)
"""Digits with blanks, dots or commas between them, or thousands with any other separator. A date
with hyphens does not match."""
_GROUP = re.compile(r"\d+")


def mask_page_text(text: str) -> str:
    """Return what a page, a fragment or a plain text shows: one line, cut, numbers masked.

    Never raises: it is called while errors are being reported.
    """
    try:
        shown = visible_text(Document(text).body)
    except UnknownPage:  # too large to be parsed
        shown = text[: 10 * MAX_PAGE_TEXT]
    # Mask before cutting: half a number at the end would not be recognised as one.
    return mask_numbers(clean(shown))[:MAX_PAGE_TEXT]


def mask_numbers(text: str) -> str:
    """Return the text with every number that could contain a cédula cut to its last three digits.

    Neighbouring groups of digits are masked as one, however many digits they have together:
    "1.234.567.890 5" is a cédula and a table number. An unbroken run of more than ten digits is not
    masked (a firewall's support id is worth keeping), unless leading zeros made it so long.
    """
    return _DIGIT_GROUPS.sub(_masked, text)


def _masked(match: re.Match[str]) -> str:
    groups = _GROUP.findall(match[0])
    digits = "".join(groups)
    if len(digits) < min(CEDULA_LENGTHS):
        return match[0]
    if len(groups) == 1 and len(digits.lstrip("0")) > max(CEDULA_LENGTHS):
        return match[0]
    return f"••••{digits[-3:]}"
