"""The gate, over one process and over several that share a database."""

import itertools
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from scraper.gate.visits import MARGIN_SECONDS, SLOT_SECONDS, Gate, Paused, Slot, TooEarly
from scraper.models import SiteGate

PAUSES = (60.0, 300.0, 1800.0)

pytestmark = pytest.mark.django_db


def reserved(gate: Gate, lead: float = 0.0) -> Slot:
    slot = gate.reserve(lead)
    assert isinstance(slot, Slot)
    return slot


def gate_row() -> SiteGate:
    return SiteGate.objects.get(pk=1)


def test_the_first_visit_may_begin_at_once() -> None:
    assert reserved(Gate(5)).opens_in == pytest.approx(0, abs=0.1)


def test_a_held_slot_keeps_everybody_else_out() -> None:
    gate = Gate(5)
    reserved(gate)

    refusal = gate.reserve()

    assert isinstance(refusal, TooEarly)
    assert refusal.retry_in == pytest.approx(5, abs=0.5)


def test_whoever_asks_is_told_that_the_next_visit_is_somebodys() -> None:
    gate = Gate(5)
    assert not Gate.state().is_reserved

    slot = reserved(gate)
    assert Gate.state().is_reserved

    gate.visited(slot, seconds_ago=0)
    assert not Gate.state().is_reserved
    assert Gate.state().next_visit_in == pytest.approx(5, abs=0.5)


def test_the_interval_counts_from_the_visit_and_not_from_the_slot() -> None:
    gate = Gate(5)
    slot = reserved(gate)

    gate.visited(slot, seconds_ago=1.0)

    refusal = gate.reserve()
    assert isinstance(refusal, TooEarly)
    assert 0 < refusal.retry_in <= 4 + MARGIN_SECONDS


def test_the_next_slot_can_be_reserved_a_lead_ahead_of_its_time() -> None:
    gate = Gate(5)
    gate.visited(reserved(gate), seconds_ago=4.5)

    assert isinstance(gate.reserve(lead=0.1), TooEarly)
    assert reserved(gate, lead=1.0).opens_in == pytest.approx(0.5, abs=0.2)


def test_a_slot_given_back_is_free_for_the_next() -> None:
    gate = Gate(5)
    gate.give_back(reserved(gate))

    assert reserved(gate).opens_in == pytest.approx(0, abs=0.1)


def test_a_holder_that_died_costs_its_hold_and_an_interval() -> None:
    gate = Gate(5)
    reserved(gate)
    SiteGate.objects.update(holder_until=time.time() - 1)

    refusal = gate.reserve()

    assert isinstance(refusal, TooEarly)
    assert refusal.retry_in == pytest.approx(4, abs=0.2)


def test_a_visit_reported_too_late_still_counts() -> None:
    gate = Gate(5)
    late = reserved(gate)
    SiteGate.objects.update(holder_until=time.time() - 6)
    other = reserved(gate)

    gate.visited(late, seconds_ago=0)

    assert gate_row().holder == other.holder
    assert gate_row().next_visit_at == pytest.approx(time.time() + 5, abs=0.2)


def test_a_clock_set_back_by_an_hour_costs_one_interval() -> None:
    gate = Gate(5)
    gate.visited(reserved(gate), seconds_ago=0)
    SiteGate.objects.update(next_visit_at=time.time() + 3600)

    refusal = gate.reserve()

    assert isinstance(refusal, TooEarly)
    assert refusal.retry_in <= 5


def test_a_hold_left_by_a_clock_set_back_ends() -> None:
    gate = Gate(5)
    reserved(gate)
    ahead = time.time() + 3600
    SiteGate.objects.update(next_visit_at=ahead, holder_until=ahead + SLOT_SECONDS)

    refusal = gate.reserve()

    assert isinstance(refusal, TooEarly)
    assert refusal.retry_in <= 5


def test_blocks_in_a_row_pause_everybody_for_longer_each_time() -> None:
    gate = Gate(5)

    assert gate.record_block(3, PAUSES) is None
    assert gate.record_block(3, PAUSES) is None
    first = gate.record_block(3, PAUSES)

    assert first is not None
    assert first - timezone.now() == pytest.approx(timedelta(seconds=60), abs=timedelta(seconds=30))
    assert gate.reserve() == Paused(first)
    for seconds in (300, 1800, 1800):
        SiteGate.objects.update(paused_until=timezone.now() - timedelta(seconds=1))
        until = gate.record_block(3, PAUSES)
        assert until is not None
        assert until - timezone.now() == pytest.approx(
            timedelta(seconds=seconds), abs=timedelta(seconds=30)
        )


def test_blocks_of_what_was_in_flight_do_not_lengthen_the_pause() -> None:
    gate = Gate(5)
    first = gate.record_block(1, PAUSES)

    assert gate.record_block(1, PAUSES) == first


def test_a_lookup_that_gets_through_closes_the_breaker() -> None:
    gate = Gate(5)
    gate.record_block(2, PAUSES)
    gate.record_pass()

    assert gate.record_block(2, PAUSES) is None


def test_a_pause_that_is_over_lets_the_next_visit_through() -> None:
    gate = Gate(5)
    gate.record_block(1, PAUSES)
    SiteGate.objects.update(paused_until=timezone.now() - timedelta(seconds=1))

    assert isinstance(gate.reserve(), Slot)
    assert gate.state().paused_until is None


def test_an_operator_can_end_a_pause() -> None:
    gate = Gate(5)
    gate.record_block(1, PAUSES)

    gate.resume()

    assert isinstance(gate.reserve(), Slot)


VISITOR = """
import sys, time, django
django.setup()
from scraper.gate.visits import Gate, Slot, TooEarly
gate = Gate(float(sys.argv[1]))
visits = 0
while visits < int(sys.argv[2]):
    slot = gate.reserve()
    if isinstance(slot, Slot):
        time.sleep(slot.opens_in)
        print(time.time(), flush=True)
        gate.visited(slot, 0)
        visits += 1
    else:
        time.sleep(slot.retry_in)
"""


@pytest.mark.django_db(transaction=True)
def test_three_processes_never_visit_closer_than_the_interval(
    tmp_path: Path, own_database: dict[str, str]
) -> None:
    interval = 0.2
    visitors = [
        subprocess.Popen(
            [sys.executable, "-c", VISITOR, str(interval), "8"],
            stdout=subprocess.PIPE,
            text=True,
            env=own_database,
        )
        for _ in range(3)
    ]
    outputs = [visitor.communicate(timeout=60)[0] for visitor in visitors]
    moments = sorted(float(line) for output in outputs for line in output.split())

    assert len(moments) == 24
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert min(gaps) >= interval
