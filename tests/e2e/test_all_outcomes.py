"""Twelve people at once, with outcomes of every kind, on every page shape."""

import itertools

import pytest

from scraper.simulator.shapes import SHAPES
from tests.stack import Stack, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.essential]

EXPECTED = {
    "1020030011": "ACTIVE",
    "1020030060": "ACTIVE",
    "1020030061": "ACTIVE",
    "1020030063": "ACTIVE",
    "1020030070": "CANCELLED_DECEASED",
    "1020030074": "CANCELLED_OTHER",
    "1020030078": "NOT_FOUND",
    "1020030079": "NOT_FOUND",
    "1020030080": "ACTIVE",
    "1020030083": "ACTIVE",
    "1020030084": "ACTIVE",
    "1020030096": "ERROR",
}


@pytest.mark.parametrize("path", [shape.path for shape in SHAPES.values()])
@pytest.mark.environment(PAUSE_AFTER_BLOCKS="5", LOOKUP_INTERVAL_SECONDS="0.3")
def test_twelve_people_at_once_each_get_their_own_answer(stack: Stack, path: str) -> None:
    stack.environment["REGISTRADURIA_URL"] = stack.simulator_url + path
    stack.start_simulator(captcha_latency=1.0)
    stack.register(*EXPECTED)
    stack.start_worker()

    wait_until(
        lambda: stack.statuses().keys() <= set(EXPECTED.values()),
        "every lookup has ended",
        seconds=150,
    )

    answers = stack.lookups()
    assert {cedula: row["status"] for cedula, row in answers.items()} == EXPECTED
    for row in answers.values():
        has_place = all(row[name] for name in ("departamento", "municipio", "puesto", "mesa"))
        assert has_place == (row["status"] == "ACTIVE")
        assert bool(row["novedad"]) == row["status"].startswith("CANCELLED")
    for passing in ("1020030080", "1020030083", "1020030084"):
        assert answers[passing]["retry_count"] == 1
    assert answers["1020030096"]["error_kind"] == "UnknownPage"
    assert "1020030096" not in answers["1020030096"]["raw_response"]

    log = stack.simulator_log()
    tokens = [question["token"] for question in log["questions"]]
    assert len(tokens) == len(set(tokens))
    moments = sorted(visit["monotonic"] for visit in log["visits"])
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert min(gaps) >= 0.3
