"""A rush at the registration, and a long while of lookups amid faults."""

from pathlib import Path

import pytest

from tests.rush import rush
from tests.soak import soak
from tests.stack import Stack, wait_until

pytestmark = pytest.mark.e2e

PEOPLE = 200
SECONDS = 10.0


def test_two_hundred_register_in_ten_seconds_and_all_get_their_answer(stack: Stack) -> None:
    stack.start_simulator(captcha_latency=0.5)
    stack.start_web("--timeout", "120")
    worker = stack.start_worker()

    answers, _ = rush(stack, PEOPLE, SECONDS)

    assert {(answer.status, answer.path) for answer in answers} == {(200, "/perfil/")}
    assert len(stack.lookups()) == PEOPLE
    wait_until(lambda: stack.statuses() == {"ACTIVE": PEOPLE}, "all have their answers", 240)
    assert worker.poll() is None
    for name in ("web", "worker"):
        assert "database is locked" not in stack.log(name)
        assert "Traceback" not in stack.log(name)


def test_lookups_amid_faults_all_end_and_nothing_is_left_open(tmp_path: Path) -> None:
    outcome = soak(tmp_path, lookups=60, seed=3)

    assert outcome.statuses.total() == 60
    assert outcome.statuses["ACTIVE"] > 30
    assert outcome.statuses["PENDING"] == outcome.statuses["PROCESSING"] == 0
    assert outcome.faults
    assert outcome.open_attempts == 0
