"""Answers of page shape A: HTML, alone or carried by JSON."""

from scraper.errors import SiteUnavailable, UnknownPage
from scraper.parsers.json_answer import json_object
from scraper.parsers.markup import Document, Node, visible_text
from scraper.parsers.page import shape_of
from scraper.parsers.refusals import page_text_on_errors, raise_if_refused
from scraper.parsers.table import read_tables
from scraper.parsers.values import lookup_from_reading
from scraper.parsers.wording import read_message
from scraper.results import Found, Lookup

_PLACES = "#success, #div_warning, #div_error, table#consulta"
"""Where the page shows its answers; nothing outside of them is one."""
_WHOLE = f"table, {_PLACES}"
"""Elements that must have been received to their end."""


def parse_answer_a(body: str, *, cedula: str | None = None) -> Lookup:
    """The result in the body of shape A's AJAX answer.

    With `cedula`, an answer that names another document is not accepted. Raises SiteBlocked,
    SiteUnavailable (the answer `reload`, which asks for a fresh page, included), CaptchaRejected,
    and UnknownPage for whatever is not understood.
    """
    with page_text_on_errors(body):
        answer = json_object(body)
        if answer is None:
            raise_if_refused(Document(body))
            raise UnknownPage("The answer is not JSON.")
        data = answer.get("data")
        fields = data if isinstance(data, dict) else {}
        if answer.get("reload") is True or fields.get("reload") is True:
            raise SiteUnavailable("The page's session expired: it asks to be loaded again.")
        success, message = answer.get("success"), fields.get("message")
        if not isinstance(success, bool) or not isinstance(message, str):
            raise UnknownPage("The answer's JSON is not of the known form.")
        with page_text_on_errors(message):
            return _read_message(message, cedula, success=success)


def parse_result_html(html: str, *, cedula: str | None = None) -> Lookup:
    """The result that a page, or a fragment of it, shows in the place for results.

    For the members of the family that answer with HTML. Raises as `parse_answer_a` does.
    """
    with page_text_on_errors(html):
        document = Document(html)
        places = [place for place in document.shown(_PLACES) if visible_text(place)]
        if not places and shape_of(document) is None:
            raise_if_refused(document)
        _require_whole(document)
        return _only_answer(places, cedula)


def _read_message(message: str, cedula: str | None, *, success: bool) -> Lookup:
    document = Document(message)
    _require_whole(document)
    lookup = _read_place(document.body, cedula)
    if lookup is None:
        if visible_text(document.body):
            raise_if_refused(document)
        raise UnknownPage("The answer's words are not known.")
    if isinstance(lookup, Found) and not success:
        raise UnknownPage("The answer is a failure and a polling place at once.")
    return lookup


def _only_answer(places: list[Node], cedula: str | None) -> Lookup:
    """The answer that the places agree on; those with unknown words only do not count."""
    lookups = (_read_place(place, cedula) for place in places)
    answers = {lookup for lookup in lookups if lookup is not None}
    if len(answers) > 1:
        raise UnknownPage("The page gives different answers.")
    if not answers:
        raise UnknownPage("The page shows no answer that is known.")
    return answers.pop()


def _read_place(place: Node, cedula: str | None) -> Lookup | None:
    """The answer in one place for results, a table's before a text's; None for unknown words.

    A place with a table is never read as text: a polling place may be called anything.
    """
    lookup = read_tables(place, cedula)
    if lookup is None:
        return lookup_from_reading(read_message(visible_text(place)), cedula)
    return lookup


def _require_whole(document: Document) -> None:
    if document.breaks_off_inside(_WHOLE):
        raise UnknownPage("The answer breaks off in the middle.")
