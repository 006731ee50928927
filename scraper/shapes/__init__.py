"""Describe each generation of the census page, in one module per shape with its `SHAPE`.

A module put here is found by itself. Nothing here can reach a browser or the network:
`scraper.adapters` drives the pages, `scraper.parsers` reads their answers.
"""

from importlib import import_module
from pkgutil import iter_modules

from scraper.errors import UnknownPage
from scraper.page_shape import PageShape
from scraper.parsers.markup import Document
from scraper.parsers.refusals import page_text_on_errors, raise_if_refused

SHAPES: tuple[PageShape, ...] = tuple(
    import_module(module.name).SHAPE for module in iter_modules(__path__, f"{__name__}.")
)


def recognise_page(html: str) -> PageShape:
    """Return the shape of a loaded document, as `page.content()` gives it.

    Raises SiteBlocked for the firewall's page, SiteUnavailable for maintenance, a server's error
    or an empty page in place of the form, UnknownPage for anything else, a page that shows the
    forms of two shapes included.
    """
    with page_text_on_errors(html):
        document = Document(html)
        shapes = [shape for shape in SHAPES if shape.is_shown_in(document)]
        if len(shapes) != 1:
            raise_if_refused(document)
            raise UnknownPage("The page shows no form that is known.")
        return shapes[0]
