"""Read the answers of page shape B: the JSON of its API."""

import re
from dataclasses import replace
from typing import NoReturn

from scraper.errors import CaptchaRejected, SiteUnavailable, UnknownPage
from scraper.parsers.json_answer import json_object, lower_keys, scalar_text
from scraper.parsers.markup import Document, visible_text
from scraper.parsers.refusals import page_text_on_errors, raise_if_refused
from scraper.parsers.values import (
    Field,
    lookup_from_fields,
    lookup_from_meaning,
    lookup_from_reading,
)
from scraper.parsers.wording import (
    Meaning,
    is_no_novedad,
    names_a_state,
    read_error,
    read_message,
    read_novedad,
)
from scraper.results import Found, Lookup

_KEYS = {
    "nuip": Field.NUIP,
    "nom_depto": Field.DEPARTAMENTO,
    "nom_mun": Field.MUNICIPIO,
    "nom_puesto": Field.PUESTO,
    "direccion": Field.DIRECCION,
    "mesa": Field.MESA,
    "novedad": Field.NOVEDAD,
}
Json = dict[str, object]

_DECIMAL = re.compile(r"[+-]?\d{1,3}(\.\d+)?")


def parse_answer_b(body: str, *, cedula: str | None = None) -> Lookup:
    """Return the result in the body of the API's response.

    With `cedula`, an answer that names another document is not accepted. Raises SiteBlocked,
    SiteUnavailable, CaptchaRejected, and UnknownPage for whatever is not understood.
    """
    with page_text_on_errors(body):
        answer = json_object(body)
        if answer is None:
            raise_if_refused(Document(body))
            raise UnknownPage("The answer is not JSON.")
        ok, found = answer.get("ok"), answer.get("encontrado")
        if ok is False:
            _raise_refusal(answer)
        if ok is not True or not isinstance(found, bool):
            raise UnknownPage("The answer's JSON is not of the known form.")
        if found:
            return _read_place(answer, cedula)
        novedad = answer.get("novedad")
        if novedad is True:
            return _read_mark(answer)
        if novedad:
            raise UnknownPage("The answer's JSON is not of the known form.")
        return _read_absence(answer, cedula)


def _raise_refusal(answer: Json) -> NoReturn:
    text = _shown_text(answer, "error") or _shown_text(answer, "mensaje")
    meaning = read_error(text)
    if meaning is Meaning.CAPTCHA:
        raise CaptchaRejected("The census did not accept the captcha, or held it expired.")
    if meaning is Meaning.TROUBLE:
        raise SiteUnavailable("The census says that it cannot answer now.")
    if text:
        raise_if_refused(Document(text))
    raise UnknownPage("The question was refused in words that are not known.")


def _read_place(answer: Json, cedula: str | None) -> Lookup:
    data = lower_keys(answer.get("data"))
    if data is None:
        raise UnknownPage("The answer says that the document was found, and not where.")
    if answer.get("novedad") or data.get("novedad") is True:
        raise UnknownPage("The answer tells of a novedad and of a polling place at once.")
    fields = {field: scalar_text(data.get(key)) for key, field in _KEYS.items()}
    lookup = lookup_from_fields(fields, cedula)
    if isinstance(lookup, Found):
        latitude, longitude = _coordinates(answer.get("mapa"))
        return replace(lookup, latitude=latitude, longitude=longitude)
    return lookup


def _read_absence(answer: Json, cedula: str | None) -> Lookup:
    lookup = lookup_from_reading(read_message(_shown_text(answer, "mensaje")), cedula)
    if lookup is None:
        raise UnknownPage("The answer's words are not known.")
    return lookup


def _read_mark(answer: Json) -> Lookup:
    """Return the novedad in `mensaje` and `descripcion`.

    Which of the two has the official words is not documented, so both are read as one text.
    """
    texts = [text for key in ("mensaje", "descripcion") if (text := _shown_text(answer, key))]
    marks = [text for text in texts if not is_no_novedad(text)]
    official = [text for text in marks if names_a_state(text)]
    if not marks or (len(marks) < len(texts) and not official):
        raise UnknownPage("The answer tells of a novedad, and not of which.")
    whole = ". ".join(text.rstrip(". ") for text in marks)
    return lookup_from_meaning(read_novedad(whole), official[0] if len(official) == 1 else whole)


def _shown_text(answer: Json, key: str) -> str:
    """Return a text of the answer as a page would show it as HTML; '' if there is none."""
    value = answer.get(key)
    return visible_text(Document(value).body) if isinstance(value, str) else ""


def _coordinates(value: object) -> tuple[float, float] | tuple[None, None]:
    """Return latitude and longitude in degrees, or two None if either is missing or impossible.

    Any place on earth is possible, since consulates have polling places; but 0, 0 is how programs
    write "not known".
    """
    place = lower_keys(value) or {}
    latitude, longitude = _degrees(place.get("lat"), 90), _degrees(place.get("lng"), 180)
    if latitude is None or longitude is None or latitude == longitude == 0:
        return None, None
    return latitude, longitude


def _degrees(value: object, most: int) -> float | None:
    if isinstance(value, str):
        text = value.strip().replace(",", ".")
        value = float(text) if _DECIMAL.fullmatch(text) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if -most <= value <= most else None  # false for NaN
