"""The captcha service's HTTP API, /in.php and /res.php, in 2captcha's words.

Checked against the official client, 2captcha-python 2.1. The name of the key decides what a
customer gets, so that a test can have two customers with different results at once.
"""

import math
import time
from collections.abc import Callable
from functools import partial

from scraper.simulator.captcha import Captcha, Refusal
from scraper.simulator.settings import CaptchaFailure
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


def in_php(request: Request, state: State) -> Reply:
    """Take an order for a captcha."""
    return _reply(request, state, partial(_ordered, state), prefix="OK|")


def res_php(request: Request, state: State) -> Reply:
    """Give a token or the balance, or take a report."""
    form = request.form()
    is_poll = form.get("action") == "get"
    captcha = state.captchas.find(form.get("id", ""), form.get("key", ""))
    if captcha and is_poll:
        polls = state.captchas.poll(captcha)
        if polls == 1 and state.settings.captcha_failure is CaptchaFailure.FLAKY:
            return _bad_gateway()
    return _reply(request, state, partial(_result, state, captcha), prefix="OK|" if is_poll else "")


def _reply(
    request: Request, state: State, answer: Callable[[dict[str, str]], str], prefix: str
) -> Reply:
    """Reply with `answer(form)` as JSON if the client asks for it, else as text after `prefix`."""
    if state.settings.captcha_failure is CaptchaFailure.DOWN:
        return _bad_gateway()
    form = request.form()
    as_json = form.get("json") == "1"
    try:
        text = answer(form)
    except Refusal as refusal:
        code = str(refusal)
        return json_reply({"status": 0, "request": code}) if as_json else plain(code)
    return json_reply({"status": 1, "request": text}) if as_json else plain(prefix + text)


def _bad_gateway() -> Reply:
    return html("<html><body><h1>502 Bad Gateway</h1></body></html>", status=502)


def _known_key(form: dict[str, str], state: State) -> str:
    key = form.get("key", "")
    if not key:
        raise Refusal("ERROR_WRONG_USER_KEY")
    if key == UNKNOWN_KEY or state.settings.captcha_failure is CaptchaFailure.KEY_REJECTED:
        raise Refusal("ERROR_KEY_DOES_NOT_EXIST")
    return key


def _balance(key: str, state: State) -> float:
    failure = state.settings.captcha_failure
    if key.startswith(POOR_KEY) or failure is CaptchaFailure.ZERO_BALANCE:
        return 0.0
    return max(0.0, FIRST_BALANCE - PRICE * state.captchas.charged(key))


def _ordered(state: State, form: dict[str, str]) -> str:
    """Order the captcha and return its id. Raises Refusal."""
    key = _known_key(form, state)
    method = form.get("method", "")
    if method not in SITE_KEY_FIELDS:
        raise Refusal("ERROR_BAD_PARAMETERS")
    site_key, page_url = form.get(SITE_KEY_FIELDS[method], ""), form.get("pageurl", "")
    if not page_url:
        raise Refusal("ERROR_PAGEURL")
    if not site_key:
        raise Refusal("ERROR_GOOGLEKEY")
    if _balance(key, state) < PRICE:
        raise Refusal("ERROR_ZERO_BALANCE")
    failure = state.settings.captcha_failure
    if failure is CaptchaFailure.NO_SLOT:
        raise Refusal("ERROR_NO_SLOT_AVAILABLE")
    never = key == SLOW_KEY or failure is CaptchaFailure.NEVER_READY
    captcha = state.captchas.order(
        key=key,
        site_key=site_key,
        page_url=page_url,
        latency=math.inf if never else state.settings.captcha_latency,
        solvable=key != UNSOLVABLE_KEY and failure is not CaptchaFailure.UNSOLVABLE,
    )
    return captcha.id


def _result(state: State, captcha: Captcha | None, form: dict[str, str]) -> str:
    """Return what a request to /res.php asks for. Raises Refusal."""
    key, action = _known_key(form, state), form.get("action", "")
    if action == "getbalance":
        return f"{_balance(key, state):.5f}"
    if action not in ("get", "reportgood", "reportbad"):
        raise Refusal("ERROR_EMPTY_ACTION")
    if captcha is None:
        is_number = form.get("id", "").isdecimal()
        raise Refusal("ERROR_WRONG_CAPTCHA_ID" if is_number else "ERROR_WRONG_ID_FORMAT")
    if action == "get":
        if time.time() < captcha.ready_at:
            raise Refusal("CAPCHA_NOT_READY")
        if not captcha.solvable:
            raise Refusal("ERROR_CAPTCHA_UNSOLVABLE")
        return state.captchas.deliver(captcha)
    state.captchas.report(captcha, action.removeprefix("report"))
    return "OK_REPORT_RECORDED"
