"""The dispatcher at work: real Chromium, the simulator, the task called as the queue calls it."""

import threading
import time
from collections.abc import Iterator

import pytest
import requests
from django.utils import timezone
from pytest_django import Settings

from accounts.models import CustomUser
from census import tasks
from census.lookups import lifecycle
from census.models import CedulaInfo, LookupAttempt
from census.states import Status
from census.worker import pulse
from scraper.gate.visits import Gate
from scraper.simulator import Simulator
from tests.lookups import new_lookup
from tests.stack import wait_until

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def simulator(settings: Settings) -> Iterator[Simulator]:
    with Simulator(port=0, captcha_latency=0.3) as simulator:
        settings.REGISTRADURIA_URL = f"{simulator.url}/censo/consultar/"
        settings.LOOKUP_INTERVAL_SECONDS = 0.2
        settings.LOOKUP_TIMEOUT_SECONDS = 30
        settings.CAPTCHA_SOLVER = "2captcha"
        settings.TWOCAPTCHA_URL = simulator.url
        settings.TWOCAPTCHA_API_KEY = "demo"
        settings.TWOCAPTCHA_POLLING_SECONDS = 0.1
        settings.RETRY_DELAYS_SECONDS = (60.0, 300.0, 900.0)
        settings.PAUSE_SECONDS = (60.0,)
        yield simulator


def visits(simulator: Simulator) -> int:
    return len(requests.get(f"{simulator.url}/_log", timeout=60).json()["visits"])


def test_a_task_looks_its_row_up_and_returns(simulator: Simulator) -> None:
    info = new_lookup("1020030011")

    tasks.validate_cedula(info.user_id)

    info.refresh_from_db()
    assert info.status == Status.ACTIVE
    assert all((info.departamento, info.municipio, info.puesto, info.mesa))
    attempt = LookupAttempt.objects.get()
    assert (attempt.outcome, attempt.solves_paid, attempt.page_shape) == (Status.ACTIVE, 1, "A")


def test_a_task_goes_on_with_whatever_else_is_due(simulator: Simulator) -> None:
    first, second = new_lookup("1020030011"), new_lookup("1020030078")

    tasks.validate_cedula(first.user_id)

    second.refresh_from_db()
    assert second.status == Status.NOT_FOUND


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.PROCESSING, Status.ERROR])
def test_a_task_whose_row_is_taken_or_ended_visits_nobody(
    simulator: Simulator, status: Status
) -> None:
    info = new_lookup(
        "1020030011", status=status, lease_expires_at=timezone.now() + lifecycle.LEASE
    )

    tasks.validate_cedula(info.user_id)
    tasks.validate_cedula(info.user_id + 1000)

    assert visits(simulator) == 0


def test_a_passing_failure_is_left_for_its_next_try(simulator: Simulator) -> None:
    info = new_lookup("1020030082")

    tasks.validate_cedula(info.user_id)

    info.refresh_from_db()
    assert info.is_waiting_for_retry()
    assert info.error_kind == "SiteUnavailable"
    assert visits(simulator) == 1


def test_an_empty_captcha_account_burns_no_attempts_and_pauses_everybody(
    simulator: Simulator, settings: Settings
) -> None:
    settings.TWOCAPTCHA_API_KEY = "sin-saldo"
    info = new_lookup("1020030011")

    tasks.validate_cedula(info.user_id)

    info.refresh_from_db()
    assert (info.status, info.attempts) == (Status.PENDING, 0)
    state = Gate(0.2).state()
    assert state.pause_reason == "solver"
    assert state.paused_until is not None


def test_without_a_solver_a_captcha_ends_the_request_and_says_so(
    simulator: Simulator, settings: Settings
) -> None:
    settings.CAPTCHA_SOLVER = "none"
    info = new_lookup("1020030011")

    tasks.validate_cedula(info.user_id)

    info.refresh_from_db()
    assert (info.status, info.error_kind) == (Status.ERROR, "CaptchaInTheWay")


def test_blocks_in_a_row_stop_the_visits(simulator: Simulator, settings: Settings) -> None:
    settings.PAUSE_AFTER_BLOCKS = 2
    settings.LOOKUP_CONCURRENCY = 1
    for number in range(4):
        new_lookup(f"10200300{number}1")
    requests.post(f"{simulator.url}/_control", json={"mode": "blocked"}, timeout=60)

    tasks.look_up_what_is_due()

    assert visits(simulator) == 2
    assert Gate(0.2).state().pause_reason == "blocked"
    assert CedulaInfo.objects.filter(status=Status.PENDING).count() == 4


def test_one_who_is_deleted_meanwhile_leaves_nothing_behind(
    simulator: Simulator, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LOOKUP_TIMEOUT_SECONDS = 300
    monkeypatch.setattr("census.worker.dispatcher.RENEW_SECONDS", 0.1)
    requests.post(f"{simulator.url}/_control", json={"captcha_latency": 300}, timeout=60)
    info = new_lookup("1020030011")
    deleter = threading.Thread(target=_delete_once_visited, args=(simulator, info.user_id))
    deleter.start()
    began = time.monotonic()

    tasks.validate_cedula(info.user_id)

    deleter.join()
    assert time.monotonic() - began < 60  # called off, not waited for
    assert not CedulaInfo.objects.exists()
    assert not LookupAttempt.objects.exists()


def _delete_once_visited(simulator: Simulator, user_id: int) -> None:
    from django.db import connection

    wait_until(lambda: visits(simulator), "the site is visited")
    CustomUser.objects.get(pk=user_id).delete()
    connection.close()


def test_a_stop_hands_back_what_does_not_end_in_time(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("census.worker.dispatcher.DRAIN_SECONDS", 0.5)
    requests.post(f"{simulator.url}/_control", json={"captcha_latency": 20}, timeout=60)
    own = pulse.Pulse.new(pulse.new_drain_flag())
    monkeypatch.setattr(pulse, "_own", own)
    info = new_lookup("1020030011")
    stopper = threading.Thread(target=_drain_once_visited, args=(simulator, own))
    stopper.start()

    tasks.validate_cedula(info.user_id)

    stopper.join()
    info.refresh_from_db()
    assert (info.status, info.attempts, info.claim) == (Status.PENDING, 0, None)
    attempt = LookupAttempt.objects.get()
    assert (attempt.outcome, attempt.solves_paid) == (lifecycle.HANDED_BACK, 1)
    assert own.beat_at.value == 0.0


def _drain_once_visited(simulator: Simulator, own: pulse.Pulse) -> None:
    def captcha_bought() -> object:
        return requests.get(f"{simulator.url}/_log", timeout=60).json()["captchas"]

    wait_until(captcha_bought, "a captcha is bought")
    own.drain.value = True
