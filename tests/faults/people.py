"""People who use the site while something is wrong with it, and try again as they are told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.stack import Stack, wait_until
from tests.typed import REGISTRATION
from tests.visitor import Visitor

OUTAGE = "No alcanzamos a guardar lo que enviaste"
"""What the page says that comes in place of an answer."""


def register_in_the_end(stack: Stack, cedula: str, seconds: float = 60.0) -> Visitor:
    """Somebody who registers, and sends the form again for as long as the site tells them to.

    AssertionError where they are shown anything but their profile or the page of an outage.
    """
    visitor = Visitor(stack.web_url)

    def is_in() -> bool:
        try:
            answer = visitor.send("/registro/", **(REGISTRATION | {"cedula": cedula}))
        except requests.ConnectionError:  # the server itself is being started anew
            return False
        except AssertionError as problem:  # the form's page, which is read before
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


@contextmanager
def registering(stack: Stack, cedulas: list[str]) -> Iterator[None]:
    """These people register at once; the end waits until all of them have."""
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
