"""Replies in place of the page or of its answers while the whole site is in trouble."""

import secrets

from scraper.simulator.pages import render
from scraper.simulator.settings import Mode
from scraper.simulator.wire import Reply, html

SUPPORT_ID_DIGITS = 19


def blocked() -> Reply:
    """Return the firewall's page with HTTP 200, as F5's product sends it."""
    support_id = "".join(secrets.choice("123456789") for _ in range(SUPPORT_ID_DIGITS))
    return html(render("blocked.html", support_id=support_id))


def server_error() -> Reply:
    return html(render("server_error.html", title="500 Internal Server Error"), status=500)


def page_fault(mode: Mode) -> Reply | None:
    """Return what is loaded in place of a census page in this mode, or None."""
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


def answer_fault(mode: Mode) -> Reply | None:
    """Return what a loaded page of any shape gets in place of an answer in this mode, or None."""
    match mode:
        case Mode.BLOCKED | Mode.DOWN:
            return page_fault(mode)
        case Mode.GARBAGE:
            return Reply(b'{"success":true,"ok":true,"data":{"mess', "application/json")
        case _:
            return None
