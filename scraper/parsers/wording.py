"""Read the meaning of the census's texts, whatever their case and accents.

If a text says two things, the less final one counts: a lookup that is repeated in vain costs a
minute, a wrong answer costs a vote. So trouble goes before a state, and a state before "not in the
census"; unknown words mean nothing.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from scraper.parsers.text import clean, fold


class Meaning(StrEnum):
    """The meaning of a text for the cédula, or for the site."""

    TROUBLE = "trouble"
    """The site cannot answer now."""
    CAPTCHA = "captcha"
    """The captcha is missing, refused or expired."""
    DECEASED = "deceased"
    """The cédula was cancelled because the person died."""
    OTHER_NOVEDAD = "other novedad"
    """The cédula carries any other mark."""
    NOT_FOUND = "not found"
    """The cédula is not in the census."""
    NOTHING = "nothing"
    """Unknown words, or two statements that exclude each other."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A meaning, and the words from which it was read."""

    meaning: Meaning
    sentence: str
    """The sentence that states it, as it was written, on one line."""
    before: str
    """The part of the sentence before the deciding words, folded."""


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_UPSTREAM_TROUBLE = _any_of(
    r"\bcurl error\b",
    r"\btimed out\b",
    r"could not resolve",
    r"connection (refused|reset|failure|timeout)",
    r"\b(econn[a-z]+|etimedout|enotfound)\b",
    r"\bbad gateway\b",
    r"\bgateway time-?out\b",
    r"\bservice (is )?(temporarily )?unavailable\b",
    r"\binternal server error\b",
    r"\berror interno\b",
)
_CAPTCHA = _any_of(
    r"captcha",
    r"\bno soy un robot\b",
    r"\bcuadro de verificacion\b",
    r"\btimeout-or-duplicate\b",  # error code of reCAPTCHA and Turnstile: expired or used
    r"\bverificacion\b.{0,40}\b(expir|venci|caduc|fallo|fallid|invalid|incorrect)",
)
_CAPTCHA_IN_ERROR = _any_of(r"token", r"expir")
"""Words that mean the captcha, or its session, only in an error of page shape B."""
_PASSING_TROUBLE = _any_of(
    r"\ben actualizacion\b",
    r"\bintent\w*( \w+){0,3} mas tarde\b",
    r"\bvuelva mas tarde\b",
    r"\bintent\w* (nuevamente|de nuevo|otra vez)\b",
    r"\b(en|por)( \w+){0,3} mantenimiento\b",
    r"\bmantenimiento (programado|preventivo|del? (la )?(sistema|sitio|servidor|plataforma))\b",
    r"\bfuera de (servicio|linea)\b",
    r"\b(servicio|sistema|sitio|pagina|plataforma|informacion|consulta)\b( \w+){0,4} no"
    r"( \w+){0,2} disponible\b",
    r"\btemporalmente (no disponible|fuera|inhabilitad\w|suspendid\w)\b",
    r"\btiempo de espera\b",
    r"\berror (al|en|de)( \w+)? (consult\w+|servi\w+|conexion|conectar|base de datos)\b",
    r"\bno (se pudo|fue posible|es posible)( \w+){0,3} (consulta|solicitud|servi\w+|conexion)\b",
    r"\b(sesion|token)\b.{0,30}\b(expir|venci|caduc|finaliz|termin|invalid)",
    r"\brecarg(ue|ar|a) la pagina\b",
)
_DEATH = _any_of(
    r"\bmuerte\b", r"\bfalleci(d|miento)", r"\bdefuncion", r"\binhumacion", r"\bnecrodactilia"
)
_OTHER_CAUSE = _any_of(
    r"\bdoble cedulacion\b",
    r"\bsuplantacion\b",
    r"\bm[ei]noria de edad\b",
    r"\bextranjeria\b",
    r"\bmala elaboracion\b",
    r"\btrashumancia\b",
    r"\bderechos politicos\b",
    r"\binterdiccion\b",
    r"\breasignacion de cupo\b",
)
_STATE = _any_of(
    r"\bcancelad[ao]\b",
    r"\bbaja por \w",
    r"\bvigente con \w",
    r"\bno expedida\b",
    _DEATH.pattern,
    _OTHER_CAUSE.pattern,
)
_STATED = _any_of(
    r"\b(cancelad[ao]|baja) (por|con) \w",
    r"\bvigente con \w",
    r"\bno expedida\b",
    r"\b(documento|cedula|nuip)\b.{0,80}\bcancelad[ao]\b",
    rf"\b(documento|cedula|nuip|persona|ciudadan[oa]|titular)\b.{{0,80}}({_DEATH.pattern})",
)
"""A state as a sentence asserts it; single words may be about anything."""
_NOT_STATED = _any_of(
    r"\bno( \w+){0,2} (cancelad|fallecid|de baja)",
    r"\b(consulta|solicitud|operacion|peticion|transaccion|proceso|sesion)( \w+){0,4} cancelad",
)
_TAKEN_BACK = _any_of(
    r"\brevoca\w*( \w+){0,4} (cancelacion|baja)\b",
    r"\b(cancel\w+|baja|muerte)\b.{0,60}\b(revocad|anulad|sin efecto)",
    r"\b(restablec|rehabilit|reactiv)",
)
_NO_NOVEDAD = frozenset(
    {"", "vigente", "activo", "activa", "habilitado", "habilitada", "sin novedad", "sin novedades"}
    | {"ninguno", "ninguna", "no registra", "no aplica", "no tiene", "na", "n a", "null"}
)
"""Values of the novedad field that mean no novedad; digits are left out."""
_NOT_FOUND = _any_of(
    r"\bno (se encuentra|se encontro|esta|figura|aparece|hace parte)"
    r"( (registrad|inscrit|incluid)[ao])? (en el|dentro del|del) censo\b",
    r"(?<!no )\bdebe inscribirse\b",
)
_NEARLY_NOT_FOUND = _any_of(r"\binsc", r"\bcenso\b", r"^debe( i.*)?$")
"""The remains of a damaged "debe inscribirse": no novedad, though in its field."""
_LETTERS = re.compile(r"[a-z]+")
_CONDITION = re.compile(r"\b(si|cuando|en caso)\b")
_SENTENCE_END = re.compile(r"\n|(?<=[.;:!?])\s+(?=[A-ZÁÉÍÓÚÑ¿¡])")


def read_message(text: str) -> Reading:
    """Read a text of the census, each line and sentence by itself."""
    folded = fold(text)
    for meaning, pattern in (
        (Meaning.TROUBLE, _UPSTREAM_TROUBLE),
        (Meaning.CAPTCHA, _CAPTCHA),
        (Meaning.TROUBLE, _PASSING_TROUBLE),
    ):
        if pattern.search(folded):
            return Reading(meaning, clean(text), "")
    sentences = [clean(sentence) for sentence in _SENTENCE_END.split(text)]
    return _stated_state(sentences) or _stated_absence(sentences) or _nothing(text)


def read_novedad(text: str) -> Meaning:
    """Read the census's own novedad field, in which any unknown words are a novedad.

    NOTHING for what should not be there or is not ours to interpret: a cédula in good order
    ("Vigente"), a novedad that was taken back, a death beside another cause.
    """
    folded = fold(text)
    if _UPSTREAM_TROUBLE.search(folded) or _PASSING_TROUBLE.search(folded):
        return Meaning.TROUBLE
    if is_no_novedad(text) or _TAKEN_BACK.search(folded):
        return Meaning.NOTHING
    if _DEATH.search(folded):
        return Meaning.NOTHING if _OTHER_CAUSE.search(folded) else Meaning.DECEASED
    if _STATE.search(folded):
        return Meaning.OTHER_NOVEDAD
    if _NOT_FOUND.search(folded):
        return Meaning.NOT_FOUND
    return Meaning.NOTHING if _NEARLY_NOT_FOUND.search(folded) else Meaning.OTHER_NOVEDAD


def read_error(text: str) -> Meaning:
    """Read the text of an error of page shape B: TROUBLE, CAPTCHA or NOTHING."""
    folded = fold(text)
    if _UPSTREAM_TROUBLE.search(folded):
        return Meaning.TROUBLE
    if _CAPTCHA.search(folded) or _CAPTCHA_IN_ERROR.search(folded):
        return Meaning.CAPTCHA
    return Meaning.TROUBLE if _PASSING_TROUBLE.search(folded) else Meaning.NOTHING


def is_no_novedad(text: str) -> bool:
    """True if the text of a novedad field means that there is no novedad."""
    words = " ".join(_LETTERS.findall(fold(text)))
    return words in _NO_NOVEDAD or words.split(" ", 1)[0] == "error"


def names_a_state(text: str) -> bool:
    """True if the text contains the words of one of the Registraduría's states of a cédula."""
    return _STATE.search(fold(text)) is not None


def tells_of_trouble(text: str) -> bool:
    """True if the text of a page without a form says that the site is out of service."""
    folded = fold(text)
    return bool(_UPSTREAM_TROUBLE.search(folded) or _PASSING_TROUBLE.search(folded))


def _stated_state(sentences: list[str]) -> Reading | None:
    """Return the state that the sentences assert; if they assert several, none counts."""
    readings = []
    for sentence in sentences:
        before = _unconditional(_STATED, sentence)
        if before is not None and not _NOT_STATED.search(fold(sentence)):
            readings.append(Reading(read_novedad(sentence), sentence, before))
    if len({reading.meaning for reading in readings}) > 1:
        return _nothing(" ".join(sentences))
    return readings[0] if readings else None


def _stated_absence(sentences: list[str]) -> Reading | None:
    for sentence in sentences:
        before = _unconditional(_NOT_FOUND, sentence)
        if before is not None:
            return Reading(Meaning.NOT_FOUND, sentence, before)
    return None


def _unconditional(pattern: re.Pattern[str], sentence: str) -> str | None:
    """Return the folded text before the pattern's words, or None if they are absent or conditional.

    "Si su documento no se encuentra en el censo, …" is advice, not an answer.
    """
    folded = fold(sentence)
    match = pattern.search(folded)
    if match is None or _CONDITION.search(folded[: match.start()]):
        return None
    return folded[: match.start()]


def _nothing(text: str) -> Reading:
    return Reading(Meaning.NOTHING, clean(text), "")
