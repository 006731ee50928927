"""What comes in place of the page or of its answer when the site itself is not well."""

import secrets

from scraper.simulator.pages import render
from scraper.simulator.settings import Mode
from scraper.simulator.wire import Reply, html

SUPPORT_ID_DIGITS = 19


def blocked() -> Reply:
    """The firewall's page, with the HTTP status of success, as F5's product sends it."""
    support_id = "".join(secrets.choice("123456789") for _ in range(SUPPORT_ID_DIGITS))
    return html(render("blocked.html", support_id=support_id))


def server_error() -> Reply:
    return html(render("server_error.html", title="500 Internal Server Error"), status=500)


def of_a_page(mode: Mode) -> Reply | None:
    """What is loaded in place of a census page; None where the page itself is."""
    match mode:
        case Mode.BLOCKED:
            return blocked()
        case Mode.MAINTENANCE:
            return html(render("maintenance.html"))
        case Mode.DOWN:
            return html(render("server_error.html", title="503 Service Unavailable"), status=503)
        case Mode.CHANGED:
            return html(render("changed.html"))
        case Mode.GARBAGE:
            return Reply(b"\x1f\x8b\x08\x00\xff\xfe<<\x00&&;;" * 40, "text/html; charset=utf-8")
        case _:
            return None


def of_an_answer(mode: Mode) -> Reply | None:
    """What a page already loaded is answered, where that is the same for both shapes."""
    match mode:
        case Mode.BLOCKED | Mode.DOWN:
            return of_a_page(mode)
        case Mode.GARBAGE:
            return Reply(b'{"success":true,"ok":true,"data":{"mess', "application/json")
        case _:
            return None
