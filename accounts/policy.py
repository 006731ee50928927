"""The data policy that people accept: its version, its words, and their fingerprint.

Changing the words of `accounts/_politica_texto.html` needs a new VERSION: a consent is proof of a
text only while the version names one text.
"""

import hashlib
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.html import strip_tags

VERSION = "2026-11"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who answers for the data, as the policy names them."""

    name: str = "quien opera esta campaña"
    contact: str = "la misma persona que te invitó o el equipo de la campaña"


OPERATOR = Operator()


def text() -> str:
    """The policy as people read it: without markup, one blank between words."""
    html = render_to_string("accounts/_politica_texto.html", {"operator": OPERATOR})
    return " ".join(strip_tags(html).split())


def text_sha256() -> str:
    """The fingerprint, in hex, of the words; the markup around them does not count."""
    return hashlib.sha256(text().encode()).hexdigest()
