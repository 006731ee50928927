"""Find the handler for an address."""

from functools import partial

from scraper.simulator import pages, start, twocaptcha
from scraper.simulator.captcha import PERSON
from scraper.simulator.census import answer_question
from scraper.simulator.settings import SettingsError
from scraper.simulator.shape import Handler
from scraper.simulator.shapes import SHAPES
from scraper.simulator.state import State
from scraper.simulator.wire import BadRequest, Reply, Request, json_reply, plain

ASSETS = "/assets/"


def answer(request: Request, state: State) -> Reply:
    """Return the reply to any request."""
    if request.path.startswith(ASSETS):
        return pages.asset(request.path.removeprefix(ASSETS)) or _not_found()
    if request.path + "/" in {shape.path for shape in SHAPES.values()}:
        return Reply(b"", "text/plain", 301, {"Location": request.path + "/"})
    route = ROUTES.get((request.method, request.path))
    if route is None:
        return _not_found()
    try:
        return route(request, state)
    except (BadRequest, SettingsError) as problem:
        return json_reply({"error": str(problem)}, status=400)


def _not_found() -> Reply:
    return plain("No hay nada en esta dirección.", status=404)


def _tick(request: Request, state: State) -> Reply:
    """Give a token at once, as Google's script does when a person ticks the box."""
    fields = request.json()
    captcha = state.captchas.order(
        key=PERSON,
        site_key=str(fields.get("sitekey", "")),
        page_url=str(fields.get("page", "")),
        latency=0,
        solvable=True,
    )
    return json_reply({"token": state.captchas.deliver(captcha)})


def _log(request: Request, state: State) -> Reply:
    return json_reply(state.log())


def _clear_log(request: Request, state: State) -> Reply:
    state.clear()
    return json_reply(state.log())


def _settings(request: Request, state: State) -> Reply:
    return json_reply(state.settings.as_json())


def _change_settings(request: Request, state: State) -> Reply:
    state.settings = state.settings.changed(request.json())
    return _settings(request, state)


def _reset_settings(request: Request, state: State) -> Reply:
    state.settings = state.first_settings
    return _settings(request, state)


ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "/"): start.page,
    ("POST", "/in.php"): twocaptcha.in_php,
    ("GET", "/res.php"): twocaptcha.res_php,
    ("POST", "/captcha/tick"): _tick,
    ("GET", "/_log"): _log,
    ("DELETE", "/_log"): _clear_log,
    ("GET", "/_control"): _settings,
    ("POST", "/_control"): _change_settings,
    ("DELETE", "/_control"): _reset_settings,
}
for _shape in SHAPES.values():
    ROUTES["GET", _shape.path] = _shape.page
    ROUTES["POST", _shape.question_path] = partial(answer_question, _shape)
    ROUTES |= {("GET", path): handler for path, handler in _shape.routes().items()}
