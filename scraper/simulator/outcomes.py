"""Decide by its last two digits how a question about a cédula is answered. Pure.

Only the table below decides: the start page shows it, docs/simulator.md repeats it (a test compares
them), and every page shape acts on it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """One way in which the census answers a question. Examples name the page shape in brackets."""

    FOUND = "found"
    FOUND_BOLD = "found_bold"
    """Values inside <b> with stray blanks (A); keys in capitals (B)."""
    FOUND_REORDERED = "found_reordered"
    """Other column order, named by the headers alone (A); mesa a number, more keys (B)."""
    FOUND_WITHOUT_ADDRESS = "found_without_address"
    FOUND_AMID_MISLEADING_WORDS = "found_amid_misleading_words"
    """A place beside hidden texts about death and about not being in the census."""
    FOUND_HOSTILE = "found_hostile"
    """A place whose names hold markup, text direction marks, a formula, thousands of letters."""
    FOUND_SLOWLY = "found_slowly"
    """A place, after `slow_seconds`."""

    DECEASED = "deceased"
    DECEASED_OLD_WORDING = "deceased_old_wording"
    CANCELLED_OTHER = "cancelled_other"
    RIGHTS_LOST = "rights_lost"
    CANCELLED_ODD_COLUMNS = "cancelled_odd_columns"
    """Other column order and one column absent (A); the novedad in the other key (B)."""
    NOT_FOUND = "not_found"
    MUST_REGISTER = "must_register"
    """The older wording of not being in the census."""

    UPSTREAM_ONCE = "upstream_once"
    RELOAD_ONCE = "reload_once"
    MAINTENANCE_ONCE = "maintenance_once"
    BLOCKED_ONCE = "blocked_once"
    CAPTCHA_REJECTED_ONCE = "captcha_rejected_once"
    DROPPED_ONCE = "dropped_once"

    UPSTREAM = "upstream"
    """The census's own data source did not answer: a curl error inside a JSON failure."""
    RELOAD = "reload"
    """The session has expired: the page has to be loaded again."""
    MAINTENANCE = "maintenance"
    BLOCKED = "blocked"
    """The firewall's page, with HTTP 200, where JSON was expected."""
    CAPTCHA_REJECTED = "captcha_rejected"
    """A good token is refused, as the live page does at times."""
    DROPPED = "dropped"
    """The connection breaks in the middle of the answer."""
    CHANGED_MARKUP = "changed_markup"
    """The known envelope around a content that nobody knows."""
    UNKNOWN_JSON = "unknown_json"
    """JSON with none of the known keys."""
    SERVER_ERROR = "server_error"
    """HTTP 500 with an HTML page."""
    SILENT = "silent"
    """The answer never comes."""


@dataclass(frozen=True, slots=True)
class Row:
    """One magic number: cédulas that end in `ending` get `outcome`."""

    ending: int
    outcome: Outcome
    meaning: str
    """In Spanish, for the start page."""


ROWS = (
    Row(60, Outcome.FOUND_BOLD, "Encontrada, con los valores en negrilla o en mayúsculas"),
    Row(61, Outcome.FOUND_REORDERED, "Encontrada, con las columnas en otro orden"),
    Row(62, Outcome.FOUND_WITHOUT_ADDRESS, "Encontrada, sin dirección"),
    Row(63, Outcome.FOUND_AMID_MISLEADING_WORDS, "Encontrada, entre textos que engañan"),
    Row(64, Outcome.FOUND_HOSTILE, "Encontrada, con datos hostiles en los nombres"),
    Row(65, Outcome.FOUND_SLOWLY, "Encontrada, con demora"),
    Row(70, Outcome.DECEASED, "Cancelada por muerte"),
    Row(71, Outcome.DECEASED_OLD_WORDING, "Cancelada por muerte, con el texto antiguo"),
    Row(72, Outcome.CANCELLED_OTHER, "Cancelada por doble cedulación"),
    Row(73, Outcome.RIGHTS_LOST, "Sin derechos políticos"),
    Row(74, Outcome.CANCELLED_ODD_COLUMNS, "Cancelada, con otras columnas"),
    Row(78, Outcome.NOT_FOUND, "No está en el censo"),
    Row(79, Outcome.MUST_REGISTER, "No está en el censo: «Debe inscribirse»"),
    Row(80, Outcome.UPSTREAM_ONCE, "Falla la fuente la primera vez; después, encontrada"),
    Row(81, Outcome.RELOAD_ONCE, "Sesión vencida la primera vez; después, encontrada"),
    Row(82, Outcome.MAINTENANCE_ONCE, "En actualización la primera vez; después, encontrada"),
    Row(83, Outcome.BLOCKED_ONCE, "Bloqueada la primera vez; después, encontrada"),
    Row(84, Outcome.CAPTCHA_REJECTED_ONCE, "Captcha rechazado la primera vez; después, encontrada"),
    Row(85, Outcome.DROPPED_ONCE, "Conexión cortada la primera vez; después, encontrada"),
    Row(90, Outcome.UPSTREAM, "Falla la fuente siempre"),
    Row(91, Outcome.RELOAD, "Sesión vencida siempre"),
    Row(92, Outcome.MAINTENANCE, "En actualización siempre"),
    Row(93, Outcome.BLOCKED, "Bloqueada siempre"),
    Row(94, Outcome.CAPTCHA_REJECTED, "Captcha rechazado siempre"),
    Row(95, Outcome.DROPPED, "Conexión cortada siempre"),
    Row(96, Outcome.CHANGED_MARKUP, "Respuesta con otro contenido, desconocido"),
    Row(97, Outcome.UNKNOWN_JSON, "JSON desconocido"),
    Row(98, Outcome.SERVER_ERROR, "Error 500"),
    Row(99, Outcome.SILENT, "La respuesta nunca llega"),
)
"""Cédulas with any other ending are found."""

AT_FIRST = {
    outcome: Outcome(outcome.removesuffix("_once"))
    for outcome in Outcome
    if outcome.endswith("_once")
}
"""{passing failure: outcome of the first question about a cédula}; later ones are found."""

_BY_ENDING = {row.ending: row.outcome for row in ROWS}


def outcome_for(cedula: str) -> Outcome:
    """Return the outcome. Raises ValueError if `cedula` is not two digits or more."""
    if len(cedula) < 2 or not (cedula.isascii() and cedula.isdigit()):
        raise ValueError("A cédula is at least two digits.")
    return _BY_ENDING.get(int(cedula[-2:]), Outcome.FOUND)
