"""Many people who register at once, each from their own phone."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count

import requests

from tests.stack import Stack
from tests.typed import REGISTRATION
from tests.visitor import Visitor

PATIENCE_SECONDS = 240.0
"""Each costs an Argon2 hash, and there are few cores: the last one waits long."""
_cedulas = count(1_050_000_011, 100)
"""Cédulas that the simulator finds."""


@dataclass(frozen=True)
class Registered:
    """The answer to one registration."""

    cedula: str
    status: int
    path: str
    """The path of the page to which the form led."""
    seconds: float
    """From sending the form until that page was loaded."""


def rush(
    stack: Stack, people: int, seconds: float = 0.0, at_once: int | None = None
) -> tuple[list[Registered], float]:
    """Have so many people send their forms, evenly within so many seconds.

    Returns their answers, and the seconds from the first form sent to the last answer. The forms
    are opened before. With `at_once`, no more than so many wait for an answer.
    """
    cedulas = [str(next(_cedulas)) for _ in range(people)]
    with ThreadPoolExecutor(8) as opening:
        senders = list(opening.map(partial(_open_form, stack.web_url), cedulas))
    start = time.monotonic()

    def send(position: int) -> Registered:
        time.sleep(max(0.0, start + seconds * position / people - time.monotonic()))
        began = time.monotonic()
        answer = senders[position]()
        took = time.monotonic() - began
        path = answer.url.removeprefix(stack.web_url)
        return Registered(cedulas[position], answer.status_code, path, took)

    with ThreadPoolExecutor(at_once or people) as phones:
        answers = list(phones.map(send, range(people)))
    return answers, time.monotonic() - start


def _open_form(web_url: str, cedula: str) -> Callable[[], requests.Response]:
    visitor = Visitor(web_url, PATIENCE_SECONDS)
    return visitor.filled("/registro/", **REGISTRATION | {"cedula": cedula})
