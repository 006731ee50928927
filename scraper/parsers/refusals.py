"""Recognise documents that are no page of the census: firewall, server error, maintenance."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from scraper.errors import ScraperError, SiteBlocked, SiteUnavailable
from scraper.parsers.markup import Document, visible_text
from scraper.parsers.privacy import mask_page_text
from scraper.parsers.text import fold
from scraper.parsers.wording import tells_of_trouble

_BLOCKED = re.compile(
    r"\brequest rejected\b|\brequested url was rejected\b|\bsupport id\b|\bid de soporte\b"
    r"|\bsolicitud rechazada\b|\baccess denied\b|\bacceso denegado\b|\byou have been blocked\b"
    r"|\b403 forbidden\b|\b(429 )?too many requests\b|\bdemasiad[ao]s (solicitudes|consultas)\b"
)
_SERVER_ERROR = re.compile(
    r"\b(error|http|http error|error code) ?:? ?5\d\d\b"
    r"|\b5\d\d (internal server error|bad gateway|service|gateway|proxy error|server error)"
    r"|\b(internal server error|bad gateway|proxy error|upstream (request timeout|connect error))\b"
    r"|\bservice (temporarily )?unavailable\b|\bgateway time-?out\b|\bno healthy upstream\b"
    r"|\bserver is temporarily unable\b|\btemporarily (unavailable|overloaded)\b"
    r"|\berror (interno )?(de|del|en el) servidor\b"
)
_FURNITURE = "footer, nav, [role=contentinfo], [role=navigation], #footer, .footer"
"""Elements around a page's own text, with words about anything."""
_SHOWS_NOTHING = frozenset({"script", "style", "link", "meta", "br", "hr"})
"""The only elements in an empty body. An app that is not drawn yet has others."""


@contextmanager
def page_text_on_errors(text: str) -> Iterator[None]:
    """Set `page_text` of errors raised inside, unless they have one."""
    try:
        yield
    except ScraperError as error:
        error.page_text = error.page_text or mask_page_text(text)
        raise


def raise_if_refused(document: Document) -> None:
    """Raise SiteBlocked or SiteUnavailable if the document is a refusal.

    Call it only for documents that are neither the form nor an answer: those may have the same
    words in a footer or a notice.
    """
    title = " ".join(node.text() for node in document.css("title"))
    if document.css(".blocked h3") or _BLOCKED.search(fold(f"{title} {_all_text(document)}")):
        raise SiteBlocked("The firewall in front of the census turned the request away.")
    if _shows_nothing(document):
        raise SiteUnavailable("The site answered with an empty page.")
    own_text = visible_text(document.body, without=document.css(_FURNITURE))
    if _SERVER_ERROR.search(fold(f"{title} {own_text}")):
        raise SiteUnavailable("The site answered with a server's error page.")
    if tells_of_trouble(own_text):
        raise SiteUnavailable("The site says that it is out of service.")


def _all_text(document: Document) -> str:
    """Return the page's text with that of `noscript` elements: the firewall writes there too."""
    without_scripts = (node.text() for node in document.css("noscript"))
    return " ".join((visible_text(document.body), *without_scripts))


def _shows_nothing(document: Document) -> bool:
    if visible_text(document.body):
        return False
    return all(node.tag in _SHOWS_NOTHING for node in document.css("body *"))
