"""Read the answers of page shape A: HTML, alone or carried by JSON."""

from scraper.errors import SiteUnavailable, UnknownPage
from scraper.parsers.json_answer import json_object
from scraper.parsers.markup import Document, Node, visible_text
from scraper.parsers.refusals import page_text_on_errors, raise_if_refused
from scraper.parsers.table import read_tables
from scraper.parsers.values import lookup_from_reading
from scraper.parsers.wording import read_message
from scraper.results import Found, Lookup

NUMBER = "input#nuip:not([type=hidden])"
"""The field for the cédula."""
RESULTS = "#success, #div_warning, #div_error, table#consulta"
"""The elements in which the page shows its answers; text outside of them is never one."""
_WHOLE = f"table, {RESULTS}"
"""Elements that must have been received to their end."""


def parse_answer_a(body: str, *, cedula: str | None = None) -> Lookup:
    """Return the result in the body of shape A's AJAX response.

    With `cedula`, an answer that names another document is not accepted. Raises SiteBlocked,
    SiteUnavailable (also for `reload`, which asks for a fresh page), CaptchaRejected, and
    UnknownPage for whatever is not understood.
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
    """Return the result that a page, or a fragment of one, shows in its result elements.

    For pages that answer with HTML in place of JSON. Raises as `parse_answer_a` does.
    """
    with page_text_on_errors(html):
        document = Document(html)
        places = [place for place in document.shown(RESULTS) if visible_text(place)]
        if not places and not document.shown(NUMBER):
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
    """Return the answer on which the elements agree; those with unknown words do not count."""
    lookups = (_read_place(place, cedula) for place in places)
    answers = {lookup for lookup in lookups if lookup is not None}
    if len(answers) > 1:
        raise UnknownPage("The page gives different answers.")
    if not answers:
        raise UnknownPage("The page shows no answer that is known.")
    return answers.pop()


def _read_place(place: Node, cedula: str | None) -> Lookup | None:
    """Return the answer in one result element, or None if its words are unknown.

    An element with a table is never read as text: a polling place may have any name.
    """
    lookup = read_tables(place, cedula)
    if lookup is None:
        return lookup_from_reading(read_message(visible_text(place)), cedula)
    return lookup


def _require_whole(document: Document) -> None:
    if document.breaks_off_inside(_WHOLE):
        raise UnknownPage("The answer breaks off in the middle.")
