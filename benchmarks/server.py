"""A stack as on a server: DEBUG off, static files collected, gunicorn, and its visitors."""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.stack import Stack, answers, running_stack, wait_until

COOKIE = "__Host-sessionid"
CSRF_COOKIE = "__Host-csrftoken"
HTMX = {"HX-Request": "true"}
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "for measurements only, and long enough to be one, nobody else's at all",
    "ALLOWED_HOSTS": "127.0.0.1",
    "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    # `people.make_leaders` puts pending lookups off by a day. A worker takes a time further off
    # than the longest delay for a clock's mistake, and begins that lookup at once.
    "RETRY_DELAYS_SECONDS": "60,300,86400",
}


@contextmanager
def server(**settings: str) -> Iterator[Stack]:
    """A stack on its own database, ready for `start_web`."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stack(Path(folder), **{**PRODUCTION, **settings}) as stack,
    ):
        stack.collect_static()
        yield stack


def start_web(stack: Stack) -> None:
    """Start gunicorn with two workers of four threads."""
    address = stack.web_url.removeprefix("http://")
    stack.start(
        *("web", "-m", "gunicorn", "config.wsgi", "--bind", address),
        *("--workers", "2", "--threads", "4", "--no-control-socket"),
    )
    wait_until(lambda: answers(f"{stack.web_url}/salud/"), "the web server answers")


def make(stack: Stack, call: str) -> list[str]:
    """Run `call`, of a function in `benchmarks.people`, inside the stack; return its result."""
    code = f"import json; from benchmarks import people; print(json.dumps(people.{call}))"
    returned: list[str] = json.loads(stack.manage("shell", "-v0", "-c", code) or "null")
    return returned


class Visitor:
    """An HTTP client that is logged in."""

    def __init__(self, stack: Stack, session: str) -> None:
        self.base = stack.web_url
        self.http = requests.Session()
        # Set by hand: in production the cookie is sent over https only.
        self.http.headers["Cookie"] = f"{COOKIE}={session}"

    def get(self, path: str, *, htmx: bool = False) -> requests.Response:
        response = self.http.get(self.base + path, headers=HTMX if htmx else {}, timeout=60)
        response.raise_for_status()
        return response

    def post(self, path: str, data: Mapping[str, str]) -> requests.Response:
        """Send a form, with the CSRF token of the leader's table."""
        page = self.get("/referidos/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token is not None
        cookies = f"{self.http.headers['Cookie']!s}; {CSRF_COOKIE}={page.cookies[CSRF_COOKIE]}"
        return self.http.post(
            self.base + path,
            data={**data, "csrfmiddlewaretoken": token[1]},
            headers={**HTMX, "Cookie": cookies, "Referer": self.base + "/"},
            timeout=60,
        )
