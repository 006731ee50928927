"""A rally: many people behind one address, their leader, and somebody who guesses.

Sixty through real processes, whose password hashes cost half a second each on two cores; the two
hundred of a whole rally are in tests/integration/accounts/login/test_credentials.py.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from bs4 import BeautifulSoup

from tests.stack import Stack
from tests.typed import PASSWORD, REGISTRATION

pytestmark = pytest.mark.e2e

PEOPLE = 30
PHONES_AT_ONCE = 8
PATIENCE = 30


def send(session: requests.Session, address: str, typed: dict[str, str]) -> requests.Response:
    """Open a form as a browser does, send it, and return the server's answer."""
    form = session.get(address, timeout=PATIENCE)
    token = BeautifulSoup(form.text, "html.parser").select_one("main [name=csrfmiddlewaretoken]")
    assert token is not None, form.status_code
    return session.post(
        address, typed | {"csrfmiddlewaretoken": str(token["value"])}, timeout=PATIENCE
    )


def register(stack: Stack, cedula: str) -> str:
    """Return the address where somebody is after registering on their own phone."""
    with requests.Session() as phone:
        answer = send(phone, f"{stack.web_url}/registro/", REGISTRATION | {"cedula": cedula})
        return f"{answer.status_code} {answer.url.removeprefix(stack.web_url)}"


def log_in(stack: Stack, session: requests.Session, cedula: str, password: str) -> str:
    answer = send(session, f"{stack.web_url}/ingresar/", {"username": cedula, "password": password})
    return f"{answer.status_code} {answer.url.removeprefix(stack.web_url)}"


def test_people_register_and_their_leader_is_not_locked_out(stack: Stack) -> None:
    stack.start_web()
    leader = "1030060000"
    stack.register(leader)
    leaders_phone, attackers = requests.Session(), requests.Session()
    assert log_in(stack, leaders_phone, leader, "una-clave-larga") == "200 /perfil/"
    leaders_phone.cookies.pop("sessionid")  # the browser was closed
    guesses = [log_in(stack, attackers, leader, f"intento-{n}") for n in range(6)]
    assert guesses == ["422 /ingresar/"] * 5 + ["429 /ingresar/"]

    cedulas = [str(1030060001 + n) for n in range(PEOPLE)]
    with ThreadPoolExecutor(PHONES_AT_ONCE) as phones:
        outcomes = Counter(phones.map(lambda cedula: register(stack, cedula), cedulas))

    assert outcomes == {"200 /perfil/": PEOPLE}
    assert len(stack.lookups()) == PEOPLE + 1
    assert log_in(stack, leaders_phone, leader, "una-clave-larga") == "200 /perfil/"
    assert log_in(stack, requests.Session(), cedulas[0], PASSWORD) == "200 /perfil/"
