"""People who use the site during an outage, and try again as it tells them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from bs4 import BeautifulSoup

from tests.stack import Stack, wait_until
from tests.typed import REGISTRATION
from tests.visitor import Visitor

OUTAGE = "No alcanzamos a guardar lo que enviaste"
"""A sentence on the page of an outage."""


def register_in_the_end(stack: Stack, cedula: str, seconds: float = 60.0) -> Visitor:
    """Register, and send the form again for as long as the site asks for it.

    Raises AssertionError for any page but the profile or that of an outage.
    """
    visitor = Visitor(stack.web_url)

    def is_in() -> bool:
        try:
            answer = visitor.send("/registro/", **(REGISTRATION | {"cedula": cedula}))
        except requests.ConnectionError:  # the web server itself is restarting
            return False
        except AssertionError as problem:  # the form could not be opened
            assert "En este momento no podemos mostrarte esta página" in str(problem)
            return False
        if answer.status_code == 503:
            assert OUTAGE in answer.text
            assert answer.headers["Retry-After"] == "10"
            return False
        assert answer.url == f"{stack.web_url}/perfil/", answer.text
        return True

    wait_until(is_in, f"{cedula} is registered", seconds)
    return visitor


def card_with(visitor: Visitor, words: str) -> str:
    """The text of the person's census card if it contains `words`; else ''."""
    url = f"{visitor.url}/censo/"
    answer = visitor.session.get(url, headers={"HX-Request": "true"}, timeout=20)
    assert answer.status_code == 200
    text = BeautifulSoup(answer.text, "html.parser").get_text(" ", strip=True)
    return text if words in text else ""


@contextmanager
def registering(stack: Stack, cedulas: list[str]) -> Iterator[None]:
    """Have these people register at once; the block's end waits until all of them have."""
    problems: list[BaseException] = []

    def register(cedula: str) -> None:
        try:
            register_in_the_end(stack, cedula)
        except BaseException as problem:  # noqa: BLE001  raised again in the test's own thread
            problems.append(problem)

    threads = [threading.Thread(target=register, args=(cedula,)) for cedula in cedulas]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
