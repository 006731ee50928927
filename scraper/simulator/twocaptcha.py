"""The captcha service's HTTP API, /in.php and /res.php, in 2captcha's words.

Checked against the official client, 2captcha-python 2.1. The name of the key decides what a
customer gets, so that a test can have two customers with different results at once.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from scraper.simulator.captcha import Captcha, CaptchaService, ReportError
from scraper.simulator.settings import CaptchaFailure, Settings
from scraper.simulator.state import State
from scraper.simulator.wire import Reply, Request, html, json_reply, plain

UNKNOWN_KEY = "clave-mala"
POOR_KEY = "sin-saldo"
"""Keys with this prefix have no money."""
UNSOLVABLE_KEY = "irresoluble"
SLOW_KEY = "lenta"

KEYS = (
    (UNKNOWN_KEY, "El servicio no la conoce"),
    (f"{POOR_KEY}…", "No tiene saldo"),
    (UNSOLVABLE_KEY, "Ningún captcha se resuelve"),
    (SLOW_KEY, "Ningún captcha llega a estar listo"),
    ("cualquier otra", "Funciona"),
)
"""For the start page: a key and what it gets."""

PRICE = 0.00299
"""US$ for one reCAPTCHA v2."""
FIRST_BALANCE = 100.0
"""US$ of every key that has money: more than MOST_CAPTCHAS can cost."""

SITE_KEY_FIELDS = {"userrecaptcha": "googlekey", "turnstile": "sitekey"}
"""{method: the field that carries the site key}."""


class Refusal(Exception):
    """The service refuses; the message is its error code."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as plain text, and as `request` of the JSON that some clients ask for."""

    text: str
    request: str


def in_php(request: Request, state: State) -> Reply:
    """Take an order for a captcha."""
    settings, captchas = state.settings, state.captchas

    def answer(form: dict[str, str]) -> Answer:
        captcha = _ordered(form, settings, captchas)
        return Answer(f"OK|{captcha.id}", captcha.id)

    return _reply(request, settings, answer)


def res_php(request: Request, state: State) -> Reply:
    """Give a token or the balance, or take a report."""
    settings, captchas = state.settings, state.captchas
    form = request.form()
    captcha = captchas.find(form.get("id", ""), form.get("key", ""))
    if captcha and form.get("action") == "get":
        polls = captchas.poll(captcha)
        if polls == 1 and settings.captcha_failure is CaptchaFailure.FLAKY:
            return _bad_gateway()

    def answer(form: dict[str, str]) -> Answer:
        key = _known_key(form, settings)
        match form.get("action", ""):
            case "getbalance":
                balance = f"{_balance(key, settings, captchas):.5f}"
                return Answer(balance, balance)
            case "get":
                token = _token(_wanted(captcha, form), captchas)
                return Answer(f"OK|{token}", token)
            case "reportgood" | "reportbad" as action:
                _report(_wanted(captcha, form), action.removeprefix("report"), captchas)
                return Answer("OK_REPORT_RECORDED", "OK_REPORT_RECORDED")
            case _:
                raise Refusal("ERROR_EMPTY_ACTION")

    return _reply(request, settings, answer)


def _reply(
    request: Request, settings: Settings, answer: Callable[[dict[str, str]], Answer]
) -> Reply:
    if settings.captcha_failure is CaptchaFailure.DOWN:
        return _bad_gateway()
    form = request.form()
    as_json = form.get("json") == "1"
    try:
        answered = answer(form)
    except Refusal as refusal:
        code = str(refusal)
        return json_reply({"status": 0, "request": code}) if as_json else plain(code)
    return (
        json_reply({"status": 1, "request": answered.request}) if as_json else plain(answered.text)
    )


def _bad_gateway() -> Reply:
    return html("<html><body><h1>502 Bad Gateway</h1></body></html>", status=502)


def _known_key(form: dict[str, str], settings: Settings) -> str:
    key = form.get("key", "")
    if not key:
        raise Refusal("ERROR_WRONG_USER_KEY")
    if key == UNKNOWN_KEY or settings.captcha_failure is CaptchaFailure.KEY_REJECTED:
        raise Refusal("ERROR_KEY_DOES_NOT_EXIST")
    return key


def _balance(key: str, settings: Settings, captchas: CaptchaService) -> float:
    if key.startswith(POOR_KEY) or settings.captcha_failure is CaptchaFailure.ZERO_BALANCE:
        return 0.0
    return max(0.0, FIRST_BALANCE - PRICE * captchas.spent(key))


def _ordered(form: dict[str, str], settings: Settings, captchas: CaptchaService) -> Captcha:
    key = _known_key(form, settings)
    method = form.get("method", "")
    if method not in SITE_KEY_FIELDS:
        raise Refusal("ERROR_BAD_PARAMETERS")
    site_key, page_url = form.get(SITE_KEY_FIELDS[method], ""), form.get("pageurl", "")
    if not page_url:
        raise Refusal("ERROR_PAGEURL")
    if not site_key:
        raise Refusal("ERROR_GOOGLEKEY")
    if _balance(key, settings, captchas) < PRICE:
        raise Refusal("ERROR_ZERO_BALANCE")
    failure = settings.captcha_failure
    if failure is CaptchaFailure.NO_SLOT:
        raise Refusal("ERROR_NO_SLOT_AVAILABLE")
    never = key == SLOW_KEY or failure is CaptchaFailure.NEVER_READY
    return captchas.order(
        key=key,
        site_key=site_key,
        page_url=page_url,
        latency=math.inf if never else settings.captcha_latency,
        solvable=key != UNSOLVABLE_KEY and failure is not CaptchaFailure.UNSOLVABLE,
    )


def _wanted(captcha: Captcha | None, form: dict[str, str]) -> Captcha:
    if captcha is None:
        is_number = form.get("id", "").isdecimal()
        raise Refusal("ERROR_WRONG_CAPTCHA_ID" if is_number else "ERROR_WRONG_ID_FORMAT")
    return captcha


def _token(captcha: Captcha, captchas: CaptchaService) -> str:
    if time.time() < captcha.ready_at:
        raise Refusal("CAPCHA_NOT_READY")
    if not captcha.solvable:
        raise Refusal("ERROR_CAPTCHA_UNSOLVABLE")
    return captchas.deliver(captcha)


def _report(captcha: Captcha, verdict: str, captchas: CaptchaService) -> None:
    try:
        captchas.report(captcha, verdict)
    except ReportError as problem:
        raise Refusal(str(problem)) from problem
