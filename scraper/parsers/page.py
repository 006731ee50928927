"""Which page of the family a loaded document is."""

from enum import StrEnum

from scraper.errors import UnknownPage
from scraper.parsers.markup import Document
from scraper.parsers.refusals import page_text_on_errors, raise_if_refused


class PageShape(StrEnum):
    """The forms of the census page that are known, by what they contain."""

    A = "A"
    """The jQuery page: `#nuip`, `select#tipo`, `#enviar`; the answer is JSON that carries HTML."""
    B = "B"
    """The single-page app: `#documento`, `select#eleccion`, `#submitBtn`; the answer is JSON."""


_FIELD = {
    PageShape.A: "input#nuip:not([type=hidden])",
    PageShape.B: "input#documento:not([type=hidden])",
}
"""Where the cédula is typed: shown, or the page asks nothing at present."""
_CONTROLS = {
    PageShape.A: ("select#tipo", "#enviar"),
    PageShape.B: ("select#eleccion", "#submitBtn"),
}
"""What else the form cannot do without. Widgets may cover them, so they need not be shown."""


def recognise_page(html: str) -> PageShape:
    """The shape of a loaded document, as `page.content()` gives it, whatever its address.

    Raises SiteBlocked for the firewall's page, SiteUnavailable for maintenance, a server's error
    or an empty page in place of the form, UnknownPage for anything else.
    """
    with page_text_on_errors(html):
        document = Document(html)
        shape = shape_of(document)
        if shape is None:
            raise_if_refused(document)
            raise UnknownPage("The page shows no form that is known.")
        return shape


def shape_of(document: Document) -> PageShape | None:
    """The shape whose form the document shows; None where it shows none, or more than one."""
    shapes = [
        shape
        for shape in PageShape
        if document.shown(_FIELD[shape]) and all(map(document.css, _CONTROLS[shape]))
    ]
    return shapes[0] if len(shapes) == 1 else None
