"""The words in which one generation of the census page is described. Pure data."""

from collections.abc import Callable
from dataclasses import dataclass

from scraper.parsers.markup import Document
from scraper.results import Lookup

Parse = Callable[..., Lookup]
"""A parser of `scraper.parsers`: it takes the text of an answer, and the cédula by keyword."""


@dataclass(frozen=True, slots=True)
class Form:
    """CSS selectors of the form in which a cédula is asked about."""

    number: str
    """The field for the cédula. It must be visible: a page that hides it takes no questions."""
    choice: str
    """The select of elections. Like the button it need not be visible: a widget may cover it."""
    current_place: str
    """The value of the option that asks where the cédula votes now, and not in one election."""
    button: str

    def is_shown_in(self, document: Document) -> bool:
        return bool(
            document.shown(self.number) and document.css(self.choice) and document.css(self.button)
        )


@dataclass(frozen=True, slots=True)
class AskOwnAddress:
    """The form is posted to the page's own address, by its script or by the browser.

    The answer is what comes back; a page that posts nothing is read for what it shows.
    """

    form: Form
    results: str
    """The elements in which the page shows answers."""
    parse: Parse
    """Reads what the page's script receives."""
    parse_page: Parse
    """Reads a whole page that shows an answer."""


@dataclass(frozen=True, slots=True)
class AskApi:
    """The page's script posts the question to an API; the answer is the API's response."""

    form: Form
    path: str
    """The end of the API's address, without the query."""
    parse: Parse


Asking = AskOwnAddress | AskApi
"""The ways to ask; `scraper.adapters` has code for each."""


@dataclass(frozen=True, slots=True)
class PageShape:
    """One generation of the census page."""

    name: str
    """At most 20 characters: the log of attempts keeps it. The simulator uses the same name."""
    is_shown_in: Callable[[Document], bool]
    """True if the document is a page of this generation, whatever its address."""
    asking: Asking
