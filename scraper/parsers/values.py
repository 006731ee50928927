"""Make a result of the fields of an answer, whether they came as HTML or JSON."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import assert_never

from scraper.errors import CaptchaRejected, SiteUnavailable, UnknownPage
from scraper.parsers.decoding import is_damaged
from scraper.parsers.text import CEDULA_LENGTHS, clean, fold
from scraper.parsers.wording import Meaning, Reading, is_no_novedad, read_novedad
from scraper.results import Cancelled, CancelReason, Found, Lookup, NotFound


class Field(StrEnum):
    """A field of an answer, by the name that the results use."""

    NUIP = "nuip"
    DEPARTAMENTO = "departamento"
    MUNICIPIO = "municipio"
    PUESTO = "puesto"
    DIRECCION = "direccion"
    MESA = "mesa"
    NOVEDAD = "novedad"
    RESOLUCION = "resolucion"
    FECHA_NOVEDAD = "fecha_novedad"


MAX_LENGTH: Mapping[Field, int] = {
    Field.DEPARTAMENTO: 100,
    Field.MUNICIPIO: 100,
    Field.PUESTO: 200,
    Field.DIRECCION: 200,
    Field.MESA: 20,
    Field.NOVEDAD: 300,
    Field.RESOLUCION: 100,
    Field.FECHA_NOVEDAD: 50,
}
"""{field: characters that CedulaInfo has for it}."""

_REQUIRED = (Field.DEPARTAMENTO, Field.MUNICIPIO, Field.PUESTO)
_NO_VALUE = frozenset({"null", "none", "undefined", "nan", "n/a"})
_NUMBER = re.compile(r"\d+(?:[.,' ]?\d+)*")
_WHOLLY_NUMBER = re.compile(r"[\d.,' ]+")
_NOT_DIGITS = re.compile(r"\D+")


def field_value(text: str) -> str:
    """Return the text as it is kept; '' for "-", "null", blanks and the like.

    Raises UnknownPage if the text is damaged.
    """
    _require_undamaged(text)
    value = clean(text)
    if fold(value) in _NO_VALUE or not any(character.isalnum() for character in value):
        return ""
    return value


def lookup_from_fields(fields: Mapping[Field, str], cedula: str | None) -> Lookup:
    """Return the result of cleaned fields.

    Raises UnknownPage if fields are missing, contradict each other or are about another document;
    SiteUnavailable if the novedad is about trouble of the site.
    """
    require_same_document(fields.get(Field.NUIP, ""), cedula)
    novedad = fields.get(Field.NOVEDAD, "")
    votes_somewhere = bool(fields.get(Field.PUESTO) or fields.get(Field.MESA))
    if not novedad or (votes_somewhere and is_no_novedad(novedad)):
        return _found(fields)
    if votes_somewhere:
        raise UnknownPage("The answer tells of a novedad and of a polling place at once.")
    return lookup_from_meaning(
        read_novedad(novedad),
        novedad,
        resolucion=fields.get(Field.RESOLUCION, ""),
        fecha_novedad=fields.get(Field.FECHA_NOVEDAD, ""),
    )


def lookup_from_reading(reading: Reading, cedula: str | None) -> Lookup | None:
    """Return the result that a text of the census states, or None if its words are unknown.

    Raises as `lookup_from_meaning` does, and UnknownPage if it names only another document.
    """
    if reading.meaning is Meaning.NOTHING:
        return None
    numbers = [_digits(number) for number in _NUMBER.findall(reading.before)]
    documents = [number for number in numbers if len(number) in CEDULA_LENGTHS]
    if documents and cedula and _digits(cedula) not in documents:
        raise UnknownPage("The answer is for another document.")
    return lookup_from_meaning(reading.meaning, reading.sentence)


def lookup_from_meaning(
    meaning: Meaning, text: str, *, resolucion: str = "", fecha_novedad: str = ""
) -> Lookup:
    """Return the result of a meaning; `text` has the words from which it was read.

    Raises SiteUnavailable for trouble, CaptchaRejected for the captcha, UnknownPage for nothing and
    for a damaged text.
    """
    match meaning:
        case Meaning.TROUBLE:
            raise SiteUnavailable("The census says that it cannot answer now.")
        case Meaning.CAPTCHA:
            raise CaptchaRejected("The census did not accept the captcha.")
        case Meaning.NOTHING:
            raise UnknownPage("The answer's words are not known.")
        case Meaning.NOT_FOUND:
            return NotFound()
        case Meaning.DECEASED | Meaning.OTHER_NOVEDAD:
            _require_undamaged(text)
            is_deceased = meaning is Meaning.DECEASED
            return Cancelled(
                CancelReason.DECEASED if is_deceased else CancelReason.OTHER,
                novedad=_cut(text, MAX_LENGTH[Field.NOVEDAD]),
                resolucion=_cut(resolucion, MAX_LENGTH[Field.RESOLUCION]),
                fecha_novedad=_cut(fecha_novedad, MAX_LENGTH[Field.FECHA_NOVEDAD]),
            )
        case _:
            assert_never(meaning)


def require_same_document(nuip: str, cedula: str | None) -> None:
    """Raise UnknownPage if `nuip` is the number of another document."""
    number = fold(nuip)
    if not cedula or not _WHOLLY_NUMBER.fullmatch(number):
        return  # the number is absent, or masked by the site
    if _digits(number) != _digits(cedula):
        raise UnknownPage("The answer is for another document.")


def _found(fields: Mapping[Field, str]) -> Found:
    missing = [field.value for field in _REQUIRED if not fields.get(field)]
    if missing:
        raise UnknownPage(f"The answer lacks {', '.join(missing)}.")

    def kept(field: Field) -> str:
        return _cut(fields.get(field, ""), MAX_LENGTH[field])

    return Found(
        departamento=kept(Field.DEPARTAMENTO),
        municipio=kept(Field.MUNICIPIO),
        puesto=kept(Field.PUESTO),
        direccion=kept(Field.DIRECCION),
        mesa=kept(Field.MESA),
    )


def _require_undamaged(text: str) -> None:
    if is_damaged(text):
        raise UnknownPage("The answer's text is damaged: characters are lost or wrongly decoded.")


def _digits(number: str) -> str:
    return _NOT_DIGITS.sub("", number).lstrip("0")


def _cut(text: str, length: int) -> str:
    return clean(text)[:length].rstrip()
