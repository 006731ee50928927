"""The data policy that people accept: its version, its words, and their fingerprint.

Changing the words of `accounts/_politica_texto.html` needs a new VERSION: a consent is proof of a
text only while the version names one text. Who answers for the data is part of what was accepted:
another responsible party is another version too. How to reach them is not: a new telephone number
changes the text, which each consent's fingerprint tells apart, and asks nobody again.
"""

import hashlib
import html

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import strip_tags

from accounts.responsible import Responsible

VERSION = "2026-12"

STILL_IN_FORCE: tuple[str, ...] = ()
"""Older versions whose consents go on holding, so that their people are not asked again. Only where
the new words ask for nothing that the old ones did not."""


def responsible() -> Responsible:
    """As the settings name them."""
    named: Responsible = settings.RESPONSIBLE
    return named


def version() -> str:
    """The version that people are asked to accept: of the words, and of who answers."""
    return _with_responsible(VERSION)


def versions_in_force() -> tuple[str, ...]:
    """The versions by which a consent holds."""
    return tuple(_with_responsible(words) for words in (VERSION, *STILL_IN_FORCE))


def text() -> str:
    """The policy as people read it: without markup, one blank between words."""
    marked_up = render_to_string("accounts/_politica_texto.html", {"responsible": responsible()})
    return " ".join(html.unescape(strip_tags(marked_up)).split())


def text_sha256() -> str:
    """The fingerprint, in hex, of the words; the markup around them does not count."""
    return hashlib.sha256(text().encode()).hexdigest()


def _with_responsible(words: str) -> str:
    named = responsible()
    if not named.is_named:  # nor does the text name them
        return words
    who = f"{named.name}|{named.identification}"
    return f"{words}-{hashlib.sha256(who.encode()).hexdigest()[:6]}"
