"""The text of docs/benchmarks.md: wrapped, with the section that is written by hand."""

import re
import textwrap

WIDTH = 120
"""The limit that `tools.markdown` checks."""
BY_HAND = "## Measured by hand"
"""This heading and all that follows it are kept when the document is rewritten."""


def wrapped(text: str) -> str:
    """Wrap the text at WIDTH characters; paragraphs and list items stay apart."""
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
    """The section that `make bench` does not measure; '' if there is none."""
    _, heading, rest = document.partition(BY_HAND)
    return heading + rest
