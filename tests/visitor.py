"""A browser without scripts, which reads pages and sends their forms."""

from collections.abc import Callable

import requests
from bs4 import BeautifulSoup, Tag

from tests.typed import PASSWORD, REGISTRATION

TIMEOUT_SECONDS = 60


class Visitor:
    """One person's cookies on a site that listens at `url`."""

    def __init__(self, url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self.url = url
        self.timeout_seconds = timeout_seconds
        self.session = requests.Session()

    def read(self, path: str) -> requests.Response:
        return self.session.get(f"{self.url}{path}", timeout=self.timeout_seconds)

    def send(self, path: str, **typed: str) -> requests.Response:
        """Send the form at `path`; return the page to which it leads."""
        return self.filled(path, **typed)()

    def filled(self, path: str, **typed: str) -> Callable[[], requests.Response]:
        """Open the form at `path` and fill it in; return a function that sends it."""
        form = self.read(path)
        token = BeautifulSoup(form.text, "html.parser").select_one("[name=csrfmiddlewaretoken]")
        assert isinstance(token, Tag), form.text
        data = {**typed, "csrfmiddlewaretoken": str(token["value"])}
        return lambda: self.session.post(form.url, data, timeout=self.timeout_seconds)

    def register(self, cedula: str, code: str = "") -> None:
        """Register through the form, which logs this browser in."""
        answer = self.send(f"/registro/?ref={code}", **(REGISTRATION | {"cedula": cedula}))
        assert answer.url == f"{self.url}/perfil/", answer.text

    def log_in(self, cedula: str) -> requests.Response:
        return self.send("/ingresar/", username=cedula, password=PASSWORD)
