"""Answer one question to the census; the same steps for every shape of the page."""

from dataclasses import replace

from scraper.simulator import faults, texts
from scraper.simulator.captcha import Verdict
from scraper.simulator.journal import Question
from scraper.simulator.outcomes import Outcome
from scraper.simulator.places import HOSTILE_PLACE, other_election_place, place_for
from scraper.simulator.settings import Mode
from scraper.simulator.shape import Asked, Shape
from scraper.simulator.state import State
from scraper.simulator.wire import NEVER, Reply, Request


def answer_question(shape: Shape, request: Request, state: State) -> Reply:
    """Return the answer; the question is in the journal before anything of it is sent."""
    asked = shape.asked(request, state)
    captcha, outcome, reply = _considered(asked, shape, state)
    state.journal.asked(
        Question(
            shape=shape.name,
            cedula=asked.cedula,
            election=asked.election,
            token=asked.token,
            captcha=captcha,
            outcome=outcome,
            remote=request.remote,
        )
    )
    settings = state.settings
    if settings.mode is Mode.SLOW:
        return replace(reply, delay=reply.delay + settings.slow_seconds)
    return reply


def _considered(asked: Asked, shape: Shape, state: State) -> tuple[str, str, Reply]:
    """Return the verdict on the token ('' if it was not verified), the outcome and the reply."""
    mode = state.settings.mode
    if fault := shape.fault(mode):
        return "", f"site_{mode}", fault
    if not asked.is_session_open:
        return "", "session_expired", shape.session_expired()
    digits = asked.cedula
    if not (digits.isascii() and digits.isdigit() and 2 <= len(digits) <= shape.longest_cedula):
        return "", "invalid_cedula", shape.invalid_cedula()
    verdict = state.verify(asked.token, shape.name)
    if verdict is not Verdict.ACCEPTED:
        return verdict, "captcha_refused", shape.captcha_refused(verdict)
    if asked.election != shape.current_election:
        place = other_election_place(digits)
        return verdict, "other_election", shape.place(digits, place, Outcome.FOUND)
    outcome = state.memory.outcome_now(digits)
    reply = _answer(digits, outcome, shape)
    if outcome is Outcome.FOUND_SLOWLY:
        reply = replace(reply, delay=state.settings.slow_seconds)
    return verdict, outcome, reply


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
    place = HOSTILE_PLACE if outcome is Outcome.FOUND_HOSTILE else place_for(cedula)
    if outcome is Outcome.FOUND_WITHOUT_ADDRESS:
        place = replace(place, direccion="")
    if outcome is Outcome.CHANGED_MARKUP:
        return shape.changed_markup(cedula, place)
    delay = NEVER if outcome is Outcome.SILENT else 0.0
    return replace(shape.place(cedula, place, outcome), cut=outcome is Outcome.DROPPED, delay=delay)
