"""The data policy that people accept: its version, its text and the text's SHA-256.

Change VERSION whenever the words of `accounts/_politica_texto.html` change: a consent proves a text
only if its version stands for one text. The responsible party is part of the version too, because
people accepted it. Its contact details are not: a new telephone number changes the text and the
consents' SHA-256, and nobody has to accept again.
"""

import hashlib
import html

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import strip_tags

from accounts.responsible import Responsible

VERSION = "2026-12"

STILL_IN_FORCE: tuple[str, ...] = ()
"""Older versions whose consents still hold, so that nobody is asked again. List one only if the
new words ask for nothing that the old ones did not."""


def responsible() -> Responsible:
    """The responsible party from the settings."""
    named: Responsible = settings.RESPONSIBLE
    return named


def version() -> str:
    """The version that people accept now: of the words and of the responsible party."""
    return _with_responsible(VERSION)


def versions_in_force() -> tuple[str, ...]:
    """The versions whose consents hold."""
    return tuple(_with_responsible(words) for words in (VERSION, *STILL_IN_FORCE))


def text() -> str:
    """The policy's text without markup, with one space between words."""
    marked_up = render_to_string("accounts/_politica_texto.html", {"responsible": responsible()})
    return " ".join(html.unescape(strip_tags(marked_up)).split())


def text_sha256() -> str:
    """The SHA-256 of `text()`, in hex; markup does not count."""
    return hashlib.sha256(text().encode()).hexdigest()


def _with_responsible(words: str) -> str:
    named = responsible()
    if not named.is_named:  # the text does not name it either
        return words
    who = f"{named.name}|{named.identification}"
    return f"{words}-{hashlib.sha256(who.encode()).hexdigest()[:6]}"
