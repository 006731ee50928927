"""The connections that a web process holds to PostgreSQL, whatever its threads ask of it."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.stack import Stack, answers, wait_until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not os.environ.get("TEST_DATABASE_URL", "").startswith("postgres"),
        reason="on PostgreSQL alone; `make test-postgres` sets TEST_DATABASE_URL",
    ),
]

OTHERS = (
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)


@pytest.fixture
def threaded(stack: Stack) -> Stack:
    """One web process with more threads than connections."""
    address = stack.web_url.removeprefix("http://")
    gunicorn = ("-m", "gunicorn", "config.wsgi", "--threads", "16", "--bind", address)
    stack.start("web", *gunicorn)
    wait_until(lambda: answers(f"{stack.web_url}/salud/"), "the web server answers")
    return stack


def connections(stack: Stack) -> int:
    return int(stack.query(f"SELECT count(*) AS number {OTHERS}")[0]["number"])


def ask(stack: Stack) -> str:
    """Return the database's state from /salud/, which answers 503 here, without a worker."""
    health = requests.get(f"{stack.web_url}/salud/", timeout=30).json()
    return str(health["database"])


@pytest.mark.environment(DATABASE_POOL_SIZE="2")
def test_many_threads_share_few_connections_and_none_is_turned_away(threaded: Stack) -> None:
    with ThreadPoolExecutor(32) as many:
        said = list(many.map(ask, [threaded] * 200))

    assert set(said) == {"ok"}
    assert 1 <= connections(threaded) <= 2


def test_connections_that_the_database_has_cut_are_replaced_unseen(threaded: Stack) -> None:
    assert ask(threaded) == "ok"
    assert connections(threaded) >= 1

    threaded.query(f"SELECT pg_terminate_backend(pid) {OTHERS}")

    assert [ask(threaded) for _ in range(5)] == ["ok"] * 5
