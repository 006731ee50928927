"""Plain HTTP to the simulator, as its own tests ask it."""

import requests

from scraper.simulator import Simulator
from scraper.simulator.settings import CaptchaKind

OTHER_KINDS = [
    kind for kind in CaptchaKind if kind not in (CaptchaKind.NONE, CaptchaKind.RECAPTCHA)
]
"""Kinds of captcha that the simulator's pages have in a mode of that name."""
TIMEOUT_SECONDS = 60


def load(url: str) -> requests.Response:
    return requests.get(url, timeout=TIMEOUT_SECONDS)


def ask_b(simulator: Simulator, cedula: str = "9000000001") -> requests.Response:
    return requests.post(
        f"{simulator.url}/back/api/consulta",
        json={"documento": cedula, "eleccionId": 0},
        timeout=TIMEOUT_SECONDS,
    )
