"""One question to the census, from the session's check to the answer; the same for both shapes."""

from dataclasses import dataclass, replace
from typing import Protocol

from scraper.simulator import faults, texts
from scraper.simulator.captcha import Verdict
from scraper.simulator.journal import Question
from scraper.simulator.outcomes import Outcome
from scraper.simulator.places import HOSTILE_PLACE, Place, other_election_place, place_for
from scraper.simulator.settings import Mode
from scraper.simulator.texts import Novedad
from scraper.simulator.wire import NEVER, Reply
from scraper.simulator.world import World


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came, unchecked."""

    cedula: str
    election: str
    token: str
    remote: str
    is_session_open: bool = True
    """Shape A's nonce belongs to the session and is still good."""


class Shape(Protocol):
    """How one generation of the page words its answers."""

    name: str
    current_election: str
    """The election that stands for 'where do I vote now'."""
    longest_cedula: int

    def place(self, cedula: str, place: Place, outcome: Outcome) -> Reply: ...
    def novedad(self, cedula: str, novedad: Novedad, outcome: Outcome) -> Reply: ...
    def absent(self, text: str) -> Reply: ...
    def trouble(self, text: str) -> Reply: ...
    def captcha_refused(self, verdict: Verdict) -> Reply: ...
    def session_expired(self) -> Reply: ...
    def invalid_cedula(self) -> Reply: ...
    def changed_markup(self, cedula: str, place: Place) -> Reply: ...
    def unknown_json(self) -> Reply: ...


def ask(asked: Asked, shape: Shape, world: World) -> Reply:
    """The answer; the question is in the journal before anything of it is sent."""
    captcha, outcome, reply = _considered(asked, shape, world)
    world.journal.asked(
        Question(
            shape=shape.name,
            cedula=asked.cedula,
            election=asked.election,
            token=asked.token,
            captcha=captcha,
            outcome=outcome,
            remote=asked.remote,
        )
    )
    settings = world.settings
    if settings.mode is Mode.SLOW:
        return replace(reply, delay=reply.delay + settings.slow_seconds)
    return reply


def _considered(asked: Asked, shape: Shape, world: World) -> tuple[str, str, Reply]:
    """How the token was judged ('' if not), what became of the question, and the reply."""
    mode = world.settings.mode
    if fault := _site_fault(mode, shape):
        return "", f"site_{mode}", fault
    if not asked.is_session_open:
        return "", "session_expired", shape.session_expired()
    digits = asked.cedula
    if not (digits.isascii() and digits.isdigit() and 2 <= len(digits) <= shape.longest_cedula):
        return "", "invalid_cedula", shape.invalid_cedula()
    verdict = world.judge(asked.token, shape.name)
    if verdict is not Verdict.ACCEPTED:
        return verdict, "captcha_refused", shape.captcha_refused(verdict)
    if asked.election != shape.current_election:
        place = other_election_place(digits)
        return verdict, "other_election", shape.place(digits, place, Outcome.FOUND)
    outcome = world.memory.outcome_now(digits)
    reply = _answer(digits, outcome, shape)
    if outcome is Outcome.FOUND_SLOWLY:
        reply = replace(reply, delay=world.settings.slow_seconds)
    return verdict, outcome, reply


def _site_fault(mode: Mode, shape: Shape) -> Reply | None:
    """What everybody is answered while the site as a whole is not well."""
    if mode is Mode.MAINTENANCE:
        return shape.trouble(texts.MAINTENANCE)
    return faults.of_an_answer(mode)


def _answer(cedula: str, outcome: Outcome, shape: Shape) -> Reply:
    if outcome in texts.NOVEDADES:
        return shape.novedad(cedula, texts.NOVEDADES[outcome], outcome)
    if outcome is Outcome.NOT_FOUND:
        return shape.absent(texts.not_found(cedula))
    if outcome is Outcome.MUST_REGISTER:
        return shape.absent(texts.MUST_REGISTER)
    return _failure(outcome, shape) or _place(cedula, outcome, shape)


def _failure(outcome: Outcome, shape: Shape) -> Reply | None:
    match outcome:
        case Outcome.UPSTREAM:
            return shape.trouble(texts.UPSTREAM)
        case Outcome.MAINTENANCE:
            return shape.trouble(texts.MAINTENANCE)
        case Outcome.RELOAD:
            return shape.session_expired()
        case Outcome.CAPTCHA_REJECTED:
            return shape.captcha_refused(Verdict.REFUSED)
        case Outcome.BLOCKED:
            return faults.blocked()
        case Outcome.SERVER_ERROR:
            return faults.server_error()
        case Outcome.UNKNOWN_JSON:
            return shape.unknown_json()
        case _:
            return None


def _place(cedula: str, outcome: Outcome, shape: Shape) -> Reply:
    place = place_for(cedula)
    match outcome:
        case Outcome.FOUND_WITHOUT_ADDRESS:
            return shape.place(cedula, replace(place, direccion=""), outcome)
        case Outcome.FOUND_HOSTILE:
            return shape.place(cedula, HOSTILE_PLACE, outcome)
        case Outcome.CHANGED_MARKUP:
            return shape.changed_markup(cedula, place)
        case Outcome.DROPPED:
            return replace(shape.place(cedula, place, outcome), cut=True)
        case Outcome.SILENT:
            return replace(shape.place(cedula, place, outcome), delay=NEVER)
        case _:
            return shape.place(cedula, place, outcome)
