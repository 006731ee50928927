"""The text of docs/benchmarks.md: wrapped, and with the section that `make bench` leaves alone."""

import re
import textwrap

WIDTH = 120
"""As `tools.markdown` checks it."""
BY_HAND = "## Measured by hand"
"""This heading and all that follows it are kept when the document is written anew."""


def wrapped(text: str) -> str:
    """The text in lines of at most WIDTH characters; paragraphs and points of a list stay apart."""
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        "\n".join(_filled(part) for part in re.split(r"\n(?=\* )", paragraph))
        for paragraph in paragraphs
    )


def _filled(part: str) -> str:
    return textwrap.fill(
        part,
        WIDTH,
        subsequent_indent="  " if part.startswith("* ") else "",
        break_long_words=False,
        break_on_hyphens=False,
    )


def by_hand(document: str) -> str:
    """The section that nobody measures by `make bench`; '' if there is none."""
    _, heading, rest = document.partition(BY_HAND)
    return heading + rest
