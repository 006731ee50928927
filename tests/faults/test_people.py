"""People act at the worst moment: two at once, or while the web process is killed.

tests/e2e/test_withdrawal.py tests what the person and their leader see when consent is withdrawn or
the account deleted during a lookup; here is what it leaves behind.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import requests

from accounts.services import CedulaTaken
from tests.e2e.test_withdrawal import attempts
from tests.faults.invariants import assert_sound
from tests.faults.strays import Strays
from tests.stack import Stack, wait_until
from tests.typed import PASSWORD, REGISTRATION
from tests.visitor import Visitor

pytestmark = [pytest.mark.e2e]

CEDULA = "1030080011"
ROUNDS = 3


def start_web_with_breakpoint(stack: Stack, folder: Path, at: str, to: str) -> None:
    folder.mkdir()
    stack.environment |= {"BREAK_AT": at, "BREAK_TO": to, "BREAK_FOLDER": str(folder)}
    stack.start_web("--config", "python:tests.faults.breakpoint")


def accounts_of(stack: Stack, cedula: str) -> list[dict[str, Any]]:
    people = stack.query("SELECT cedula, nombre_completo FROM accounts_customuser")
    return [person for person in people if person["cedula"] == cedula]


# --- The web process is killed under a registration ---------------------------------------------


@pytest.mark.parametrize(
    ("moment", "kept"),
    [("accounts.consents.record_consents", 0), ("census.lookups.wakeups.async_task", 1)],
    ids=["before the commit", "between the commit and the queue"],
)
def test_a_registration_whose_web_process_is_killed_is_whole_or_not_there(
    stack: Stack, strays: Strays, tmp_path: Path, moment: str, kept: int
) -> None:
    stack.start_simulator()
    start_web_with_breakpoint(stack, tmp_path / "breakpoint", at=moment, to="die")
    person = Visitor(stack.web_url)

    with pytest.raises(requests.ConnectionError):
        person.register(CEDULA)

    wait_until(lambda: "was sent SIGKILL" in stack.log("web"), "gunicorn tells of it")
    assert len(accounts_of(stack, CEDULA)) == len(stack.lookups()) == kept
    assert stack.query("SELECT * FROM django_q_ormq") == []
    stack.start_worker()
    if kept:  # without another request
        wait_until(lambda: stack.statuses() == {"ACTIVE": 1}, "the census has answered")
    person.register(CEDULA)
    wait_until(lambda: stack.statuses() == {"ACTIVE": 1}, "the census has answered")
    assert len(accounts_of(stack, CEDULA)) == 1
    assert_sound(stack, strays)


# --- Two at once --------------------------------------------------------------------------------


def at_once(*senders: Callable[[], requests.Response]) -> list[requests.Response]:
    """Send forms in the same instant; return the answers."""
    barrier = Barrier(len(senders))

    def send(sender: Callable[[], requests.Response]) -> requests.Response:
        barrier.wait()
        return sender()

    with ThreadPoolExecutor(len(senders)) as phones:
        return list(phones.map(send, senders))


def filled_form(stack: Stack, cedula: str, **typed: str) -> Callable[[], requests.Response]:
    return Visitor(stack.web_url).filled(
        "/registro/", **(REGISTRATION | {"cedula": cedula} | typed)
    )


def see_one_of_two_get_in(stack: Stack, cedula: str) -> None:
    names = {"Rosa Elvira Pardo": "la-clave-de-rosa-1", "Wilson Prieto Gil": "la-de-wilson-22"}
    forms = [
        filled_form(stack, cedula, nombre_completo=name, password1=password, password2=password)
        for name, password in names.items()
    ]

    answers = dict(zip(names, at_once(*forms), strict=True))

    [account] = accounts_of(stack, cedula)
    winner = answers.pop(account["nombre_completo"])
    [(loser, refusal)] = answers.items()
    assert winner.url == f"{stack.web_url}/perfil/"
    assert refusal.status_code == 422
    assert str(CedulaTaken()) in refusal.text
    assert refusal.url == f"{stack.web_url}/registro/"
    intruder = Visitor(stack.web_url)
    answer = intruder.send("/ingresar/", username=cedula, password=names[loser])
    assert answer.status_code == 422


def test_of_two_who_register_one_cedula_in_the_same_instant_one_gets_in(
    stack: Stack, strays: Strays
) -> None:
    stack.start_simulator()
    stack.start_web()
    for number in range(ROUNDS):
        see_one_of_two_get_in(stack, f"10300801{number}1")

    assert "Traceback" not in stack.log("web")
    stack.start_worker()
    assert_sound(stack, strays)


def test_of_two_who_were_both_told_that_a_cedula_is_free_one_gets_in(
    stack: Stack, strays: Strays, tmp_path: Path
) -> None:
    stack.start_simulator()
    moment = "accounts.registration.register_user"
    start_web_with_breakpoint(stack, tmp_path / "breakpoint", at=moment, to="meet")

    see_one_of_two_get_in(stack, CEDULA)

    assert (tmp_path / "breakpoint" / "two").exists()
    stack.start_worker()
    assert_sound(stack, strays)


def test_a_form_that_is_sent_twice_at_once_makes_one_account_and_lets_its_sender_in(
    stack: Stack, strays: Strays, tmp_path: Path
) -> None:
    stack.start_simulator()
    moment = "accounts.registration.register_user"
    start_web_with_breakpoint(stack, tmp_path / "breakpoint", at=moment, to="meet")

    answers = at_once(*(filled_form(stack, CEDULA) for _ in range(2)))

    assert [answer.url for answer in answers] == [f"{stack.web_url}/perfil/"] * 2
    assert len(accounts_of(stack, CEDULA)) == 1
    stack.start_worker()
    assert_sound(stack, strays)


# --- Leaving in the middle ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/perfil/mis-datos/retirar/", {}),
        ("/perfil/mis-datos/eliminar/", {"password": PASSWORD}),
    ],
    ids=["withdraws", "deletes the account"],
)
def test_who_leaves_while_being_looked_up_leaves_no_claim_behind(
    stack: Stack, strays: Strays, path: str, typed: dict[str, str]
) -> None:
    stack.start_simulator(captcha_latency=4.0)
    stack.start_web()
    stack.start_worker()
    person = Visitor(stack.web_url)
    person.register(CEDULA)
    wait_until(lambda: stack.simulator_log()["captchas"], "the captcha is being solved")
    info_id = stack.lookups()[CEDULA]["id"]

    person.send(path, **typed)

    assert CEDULA not in stack.lookups()
    assert_sound(stack, strays)
    assert "the claim was lost; nothing was written" in stack.log("worker")
    assert attempts(stack, info_id) == []
    assert stack.simulator_log()["questions"][0]["cedula"] != CEDULA
