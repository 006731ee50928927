"""The proxy of deploy/Caddyfile in front of gunicorn as deploy/gunicorn.conf.py has it.

Caddy makes its certificate for localhost with an authority of its own, on free ports.
"""

import contextlib
import itertools
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.paths import ROOT
from tests.stack import Stack, copy_of_the_product, free_port, running_stack, wait_until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed"),
]

CADDYFILE = ROOT / "deploy" / "Caddyfile"
GUNICORN = ROOT / "deploy" / "gunicorn.conf.py"


class From(HTTPAdapter):
    """Sends from one of this machine's addresses: a visitor of their own for the proxy."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, source_address=(self.address, 0))


@dataclass(frozen=True)
class Site:
    stack: Stack
    https: str
    http: str
    authority: Path

    def visitor(self, address: str = "127.0.0.1") -> requests.Session:
        """A browser at this address that trusts Caddy's own authority."""
        session = requests.Session()
        session.verify = str(self.authority)
        session.trust_env = False  # a bundle that the environment names would win
        session.mount("https://", From(address))
        return session


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("proxy")
    https, http, admin = free_port(), free_port(), free_port()
    settings = {
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": "localhost",
        "TRUSTED_PROXIES": "1",
        "SITE_URL": f"https://localhost:{https}",
        "THROTTLE_REGISTRATIONS_PER_ADDRESS": "1",
        # The proxy's own.
        "SITE": "localhost",
        "HTTP_PORT": str(http),
        "HTTPS_PORT": str(https),
        "CADDY_ADMIN": f"127.0.0.1:{admin}",
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    with running_stack(folder, **settings) as stack:
        product = copy_of_the_product(folder / "censo")
        start_web(stack, product)
        start_caddy(stack)
        site = Site(
            stack,
            f"https://localhost:{https}",
            f"http://localhost:{http}",
            folder / "data/caddy/pki/authorities/local/root.crt",
        )
        wait_until(lambda: answers(site), "the proxy answers by https")
        yield site


def start_web(stack: Stack, product: Path) -> None:
    """Gunicorn with the settings of a server, over a copy whose static files are collected."""
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
        env=stack.environment,
        cwd=product,
        check=True,
    )
    address = stack.web_url.removeprefix("http://")
    stack.start(
        "web",
        *("-m", "gunicorn", "--config", str(GUNICORN), "--bind", address, "config.wsgi"),
        cwd=product,
    )


def start_caddy(stack: Stack) -> None:
    with (stack.folder / "caddy.log").open("ab") as log:
        process = subprocess.Popen(
            ["caddy", "run", "--config", CADDYFILE, "--adapter", "caddyfile"],
            env=stack.environment | {"UPSTREAM": stack.web_url.removeprefix("http://")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    stack.processes.append(process)


def answers(site: Site) -> bool:
    try:
        return site.visitor().get(f"{site.https}/salud/", timeout=5).status_code in {200, 503}
    except (requests.ConnectionError, OSError):  # no certificate yet
        return False


def was_answered_by_the_product(response: requests.Response) -> bool:
    return "Content-Security-Policy" in response.headers


def test_pages_come_by_https_and_the_product_knows(site: Site) -> None:
    page = site.visitor().get(f"{site.https}/registro/")

    assert page.status_code == 200
    assert page.history == []
    assert "max-age=" in page.headers["Strict-Transport-Security"]
    assert {cookie.name for cookie in page.cookies if cookie.secure} == {"__Host-csrftoken"}
    style = re.search(r'href="(/static/css/app\.[^"]+)"', page.text)
    assert style
    assert site.visitor().get(site.https + style[1]).status_code == 200


def test_plain_http_is_led_to_https(site: Site) -> None:
    answer = site.visitor().get(f"{site.http}/registro/", allow_redirects=False)
    assert answer.status_code == 308
    assert answer.headers["Location"].startswith("https://localhost")


def register(site: Site, address: str, cedula: str, **headers: str) -> int:
    """The status of a registration that was sent from this address."""
    visitor = site.visitor(address)
    page = visitor.get(f"{site.https}/registro/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    answer = visitor.post(
        f"{site.https}/registro/",
        data={
            "csrfmiddlewaretoken": token[1],
            "cedula": cedula,
            "nombre_completo": "Ana Rojas",
            "phone": "3001234567",
            "password1": "una-clave-larga",
            "password2": "una-clave-larga",
            "data_policy_accepted": "on",
        },
        headers={"Referer": f"{site.https}/registro/", **headers},
        allow_redirects=False,
    )
    return answer.status_code


def test_each_visitor_is_known_by_their_own_address_whatever_they_say(site: Site) -> None:
    """One registration from each address: whoever shares one, or says another, shows it."""
    assert register(site, "127.0.0.2", "1000000201") == 302
    assert register(site, "127.0.0.3", "1000000202") == 302
    said = {
        "X-Forwarded-For": "203.0.113.7",
        "X-Real-IP": "203.0.113.7",
        "Forwarded": "for=203.0.113.7",
    }
    assert register(site, "127.0.0.2", "1000000203", **said) == 429


def test_nobody_passes_for_https_by_saying_so(site: Site) -> None:
    answer = site.visitor().get(
        f"{site.http}/registro/", headers={"X-Forwarded-Proto": "https"}, allow_redirects=False
    )
    assert answer.status_code == 308


def test_a_body_that_no_form_sends_does_not_reach_the_product(site: Site) -> None:
    answer = site.visitor().post(f"{site.https}/ingresar/", data=b"x" * (1024 * 1024))
    assert answer.status_code == 413
    assert not was_answered_by_the_product(answer)


def test_a_body_of_untold_length_is_cut_off(site: Site) -> None:
    sent = itertools.count()

    def endless() -> Iterator[bytes]:
        while next(sent) < 100:
            yield b"x" * (1024 * 1024)

    with contextlib.suppress(requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        answer = site.visitor().post(f"{site.https}/ingresar/", data=endless())
        assert answer.status_code >= 400
    assert next(sent) < 100


@pytest.mark.parametrize(
    "path",
    ["/metricas/", "/metricas", "/METRICAS/", "//metricas/", "/metricas%2F", "/x/../metricas/"],
)
def test_figures_are_not_to_be_had_from_outside(site: Site, path: str) -> None:
    request = requests.Request("GET", site.https + "/").prepare()
    request.url = site.https + path  # as it stands: requests would tidy it up
    answer = site.visitor().send(request, verify=str(site.authority))
    assert answer.status_code == 404
    assert not was_answered_by_the_product(answer)


def test_what_only_looks_like_them_is_the_products_own(site: Site) -> None:
    answer = site.visitor().get(f"{site.https}/metricasx/")
    assert was_answered_by_the_product(answer)
