"""Which address is answered by what."""

from collections.abc import Callable

from scraper.simulator import pages, shape_a, shape_b, start, twocaptcha
from scraper.simulator.captcha import PERSON
from scraper.simulator.settings import SettingsError
from scraper.simulator.wire import BadRequest, Reply, Request, json_reply, plain
from scraper.simulator.world import World

ASSETS = "/assets/"


def answer(request: Request, world: World) -> Reply:
    """The reply to any request at all."""
    if request.path.startswith(ASSETS):
        return pages.asset(request.path.removeprefix(ASSETS)) or _not_found()
    if request.path + "/" in (shape_a.PATH, shape_b.PATH):
        return Reply(b"", "text/plain", 301, {"Location": request.path + "/"})
    route = ROUTES.get((request.method, request.path))
    if route is None:
        return _not_found()
    try:
        return route(request, world)
    except (BadRequest, SettingsError) as problem:
        return json_reply({"error": str(problem)}, status=400)


def _not_found() -> Reply:
    return plain("No hay nada en esta dirección.", status=404)


def _take_captcha(request: Request, world: World) -> Reply:
    return twocaptcha.take(request, world.settings, world.desk)


def _tell_captcha(request: Request, world: World) -> Reply:
    return twocaptcha.tell(request, world.settings, world.desk)


def _tick(request: Request, world: World) -> Reply:
    """A person ticks the box on a census page: a token at once, as Google's script gets one."""
    fields = request.json()
    captcha = world.desk.ask(
        key=PERSON,
        site_key=str(fields.get("sitekey", "")),
        page_url=str(fields.get("page", "")),
        latency=0,
        solvable=True,
    )
    return json_reply({"token": world.desk.deliver(captcha)})


def _log(request: Request, world: World) -> Reply:
    return json_reply(world.log())


def _forget(request: Request, world: World) -> Reply:
    world.forget()
    return json_reply(world.log())


def _settings(request: Request, world: World) -> Reply:
    return json_reply(world.settings.as_json())


def _change_settings(request: Request, world: World) -> Reply:
    world.settings = world.settings.changed(request.json())
    return _settings(request, world)


def _first_settings(request: Request, world: World) -> Reply:
    world.settings = world.first_settings
    return _settings(request, world)


ROUTES: dict[tuple[str, str], Callable[[Request, World], Reply]] = {
    ("GET", "/"): start.page,
    ("GET", shape_a.PATH): shape_a.page,
    ("POST", shape_a.PATH): shape_a.question,
    ("GET", shape_b.PATH): shape_b.page,
    ("GET", shape_b.ELECTIONS_PATH): shape_b.elections,
    ("POST", shape_b.QUESTION_PATH): shape_b.question,
    ("POST", "/in.php"): _take_captcha,
    ("GET", "/res.php"): _tell_captcha,
    ("POST", "/captcha/tick"): _tick,
    ("GET", "/_log"): _log,
    ("DELETE", "/_log"): _forget,
    ("GET", "/_control"): _settings,
    ("POST", "/_control"): _change_settings,
    ("DELETE", "/_control"): _first_settings,
}
