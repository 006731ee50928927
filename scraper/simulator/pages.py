"""Render the pages from the files in pages/, and serve the files that those load."""

import mimetypes
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from scraper.simulator.settings import CaptchaKind
from scraper.simulator.wire import Reply

PAGES = Path(__file__).with_name("pages")
ASSETS = PAGES / "assets"

_BOXES = {CaptchaKind.RECAPTCHA: "g-recaptcha", CaptchaKind.TURNSTILE: "cf-turnstile"}


class Markup(str):
    """HTML that `render` does not escape."""

    __slots__ = ()


def render(name: str, **values: str) -> str:
    """Return the page with its `$names` filled in, escaped unless they are Markup."""
    ready = {
        key: value if isinstance(value, Markup) else escape(value) for key, value in values.items()
    }
    return _template(name).substitute(ready)


def captcha_box(kind: CaptchaKind, site_key: str) -> Markup:
    """Return the captcha's element and its script; '' if there is no captcha."""
    if kind is CaptchaKind.NONE:
        return Markup("")
    return Markup(
        f'<div class="{_BOXES[kind]}" data-sitekey="{escape(site_key)}"></div>\n'
        '<script src="/assets/captcha.js" async defer></script>'
    )


def asset(name: str) -> Reply | None:
    """Return a script, style sheet or image of the pages; None if there is none of this name."""
    if name not in _asset_names():
        return None
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Reply((ASSETS / name).read_bytes(), f"{kind}; charset=utf-8")


@cache
def _template(name: str) -> Template:
    return Template((PAGES / name).read_text(encoding="utf-8"))


@cache
def _asset_names() -> frozenset[str]:
    return frozenset(path.name for path in ASSETS.iterdir())
