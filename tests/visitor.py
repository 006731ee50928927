"""A browser without scripts, as a person uses one: pages are read, and their forms are sent."""

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
        """The answer to the form at `path`, with what it leads to."""
        return self.filled(path, **typed)()

    def filled(self, path: str, **typed: str) -> Callable[[], requests.Response]:
        """What sends the form at `path`, which is open by then and holds what was `typed`."""
        form = self.read(path)
        token = BeautifulSoup(form.text, "html.parser").select_one("[name=csrfmiddlewaretoken]")
        assert isinstance(token, Tag), form.text
        data = {**typed, "csrfmiddlewaretoken": str(token["value"])}
        return lambda: self.session.post(form.url, data, timeout=self.timeout_seconds)

    def register(self, cedula: str, code: str = "") -> None:
        """Through the form; logged in as them from then on."""
        answer = self.send(f"/registro/?ref={code}", **(REGISTRATION | {"cedula": cedula}))
        assert answer.url == f"{self.url}/perfil/", answer.text

    def log_in(self, cedula: str) -> requests.Response:
        return self.send("/ingresar/", username=cedula, password=PASSWORD)
