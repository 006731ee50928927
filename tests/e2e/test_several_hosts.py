"""One PostgreSQL, three hosts: the site is asked politely, the work shared, a dead host missed."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.hosts import namespaces, running_hosts
from tests.stack import Stack, running_stack, wait_until
from tools.backends import BACKENDS, NotHere

pytestmark = [pytest.mark.e2e]

HOSTS = ("host-1", "host-2", "host-3")
PEOPLE = [f"10300{number:03}11" for number in range(60)]
"""All of them are found at the first question."""
FEWER = PEOPLE[:24]
INTERVAL = 0.6
FAIR_SHARE = 10
ANSWERED_WITHIN_SECONDS = 240.0

COME = """
from accounts.consents import save_with_consent
from accounts.models import CustomUser
for cedula in {people!r}:
    save_with_consent(
        CustomUser(cedula=cedula, nombre_completo="Ana Rojas", phone="3001234567")
    )
"""
"""Without passwords: to hash sixty would take longer than to look them up."""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A product on PostgreSQL, whatever the other tests run on."""
    postgres = BACKENDS["postgres"]
    server = os.environ.get(postgres.variable) or postgres.default
    try:
        postgres.require(server)
    except NotHere as problem:
        pytest.skip(f"Several hosts share PostgreSQL, SQLite serves one. {problem}")
    with running_stack(tmp_path, server=server, LOOKUP_INTERVAL_SECONDS=str(INTERVAL)) as stack:
        yield stack


def come(stack: Stack, people: Sequence[str]) -> None:
    """Let them all register, within a second."""
    stack.manage("shell", "-v0", "-c", COME.format(people=people))


def attempts(stack: Stack) -> list[dict[str, Any]]:
    """The log of attempts, each with the lease of its claim where that holds."""
    return stack.query(
        "SELECT attempt.*, info.lease_expires_at, person.cedula FROM census_lookupattempt attempt"
        " LEFT JOIN census_cedulainfo info ON info.claim = attempt.claim"
        " LEFT JOIN accounts_customuser person ON person.id = info.user_id"
    )


def see_all_answered(stack: Stack, people: Sequence[str]) -> None:
    wait_until(
        lambda: stack.statuses() == {"ACTIVE": len(people)},
        "all lookups are answered",
        seconds=ANSWERED_WITHIN_SECONDS,
    )


def visits(stack: Stack) -> list[float]:
    """Return the times of the site's visits by its own clock, in seconds."""
    return [visit["monotonic"] for visit in stack.simulator_log()["visits"]]


def asked(stack: Stack) -> Counter[str]:
    """Return {cédula: number of questions to the census}."""
    return Counter(question["cedula"] for question in stack.simulator_log()["questions"])


def test_hosts_share_the_work_and_visit_the_site_as_one(stack: Stack) -> None:
    stack.start_simulator(captcha_latency=2.0)
    with running_hosts(stack, *HOSTS):
        come(stack, PEOPLE)
        see_all_answered(stack, PEOPLE)

    assert min(later - earlier for earlier, later in pairwise(visits(stack))) >= INTERVAL
    assert len(visits(stack)) == len(PEOPLE)
    assert asked(stack) == dict.fromkeys(PEOPLE, 1)
    shares = Counter(attempt["worker"] for attempt in attempts(stack))
    assert len(shares) == len(HOSTS)
    assert min(shares.values()) >= FAIR_SHARE, shares


@pytest.mark.skipif(
    not namespaces(),
    reason="here a host sees that another's processes are gone, and waits for no lease;"
    " tests/e2e/test_crashes.py is about that",
)
def test_what_a_host_held_that_lost_its_power_is_taken_over_when_its_leases_run_out(
    stack: Stack,
) -> None:
    stack.start_simulator(captcha_latency=4.0)
    with running_hosts(stack, *HOSTS) as (first, *_):

        def held_by_the_first() -> list[dict[str, Any]]:
            return [
                attempt
                for attempt in attempts(stack)
                if attempt["worker"].startswith(f"{first.name}/") and attempt["ended_at"] is None
            ]

        come(stack, FEWER)
        wait_until(lambda: len(held_by_the_first()) >= 2, "the first host is at work")
        first.lose_power()
        lost = held_by_the_first()
        assert lost
        see_all_answered(stack, FEWER)

    ended = {attempt["claim"]: attempt for attempt in attempts(stack)}
    for attempt in lost:
        after = ended[attempt["claim"]]
        assert after["outcome"] == "LeaseLost"
        assert after["ended_at"] >= attempt["lease_expires_at"]
    twice = {cedula for cedula, times in asked(stack).items() if times > 1}
    assert twice <= {attempt["cedula"] for attempt in lost}
    assert set(asked(stack)) == set(FEWER)
    assert len(ended) == len(FEWER) + len(lost)
    assert min(later - earlier for earlier, later in pairwise(visits(stack))) >= INTERVAL
