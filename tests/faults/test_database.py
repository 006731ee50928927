"""The database is locked or restarted, or the queue's Redis is: nothing is lost."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crashes import settle_with_a_worker
from tests.databases import PostgresDatabase, SqliteFile
from tests.faults.invariants import assert_sound
from tests.faults.locker import locked
from tests.faults.people import register_in_the_end, registering
from tests.faults.servers import OwnPostgres, OwnRedis, own_postgres, postgresql_programs
from tests.faults.strays import Strays
from tests.stack import Stack, running_stack, wait_until
from tests.visitor import Visitor

pytestmark = [pytest.mark.e2e]

PEOPLE = [f"10400600{number}1" for number in range(4)]
LATER = [f"10400601{number}1" for number in range(4)]

POSTGRESQL = postgresql_programs()
REDIS = shutil.which("redis-server")


def working(stack: Stack, people: list[str]) -> None:
    """Start the simulator and the web server, and register these people."""
    stack.start_simulator(captcha_latency=3.0)
    stack.start_web()
    stack.register(*people)


# --- SQLite -------------------------------------------------------------------------------------

LOCKED_SECONDS = 10.0
"""Half of a writer's timeout for the lock."""


@pytest.mark.skipif(
    os.environ.get("TEST_DATABASE_URL", "").startswith("postgres"),
    reason="on SQLite alone: PostgreSQL has no lock on all of it",
)
def test_a_database_that_is_locked_for_ten_seconds_is_waited_for(
    stack: Stack, strays: Strays
) -> None:
    assert isinstance(stack.database, SqliteFile)
    working(stack, PEOPLE[1:])
    worker = stack.start_worker()
    visitor = Visitor(stack.web_url)
    visitor.register(PEOPLE[0])
    wait_until(lambda: len(stack.simulator_log()["captchas"]) >= 2, "captchas are being solved")

    with registering(stack, LATER[:2]), locked(stack.database.file, LOCKED_SECONDS):
        assert visitor.read("/perfil/").url.endswith("/perfil/"), "a reader waits for no lock"

    settle_with_a_worker(stack, worker)
    assert worker.poll() is None
    assert [row["attempts"] for row in stack.lookups().values()] == [1] * 6
    assert "Service Unavailable: /registro/" not in stack.log("web")
    assert_sound(stack, strays)


# --- PostgreSQL ---------------------------------------------------------------------------------


@pytest.fixture
def postgres() -> Iterator[OwnPostgres]:
    assert POSTGRESQL is not None
    with own_postgres(POSTGRESQL) as postgres:
        yield postgres


@pytest.fixture
def on_postgres(postgres: OwnPostgres, strays: Strays, tmp_path: Path) -> Iterator[Stack]:
    """A stack on the test's own PostgreSQL server."""
    database = PostgresDatabase(postgres.url)
    stack = Stack(tmp_path, database)
    try:
        yield stack
    finally:
        stack.stop()


@pytest.mark.skipif(POSTGRESQL is None, reason="needs PostgreSQL's programs")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_postgresql_restarted_under_load_costs_nobody_their_registration(
    postgres: OwnPostgres, on_postgres: Stack, strays: Strays, how: signal.Signals
) -> None:
    stack = on_postgres
    working(stack, PEOPLE)
    worker = stack.start_worker()
    wait_until(lambda: len(stack.simulator_log()["captchas"]) >= 2, "captchas are being solved")

    with registering(stack, LATER):
        postgres.restart(how)
        postgres.wait()

    settle_with_a_worker(stack, worker)
    assert worker.poll() is None
    assert len(stack.lookups()) == len(PEOPLE) + len(LATER)
    assert stack.health()["database"] == "ok"
    assert_sound(stack, strays)


@pytest.mark.skipif(POSTGRESQL is None, reason="needs PostgreSQL's programs")
def test_while_postgresql_is_away_people_are_told_and_the_worker_waits(
    postgres: OwnPostgres, on_postgres: Stack, strays: Strays
) -> None:
    stack = on_postgres
    working(stack, PEOPLE[1:])
    worker = stack.start_worker()
    visitor = Visitor(stack.web_url)
    visitor.register(PEOPLE[0])
    wait_until(lambda: len(stack.simulator_log()["captchas"]) == len(PEOPLE), "all are in flight")

    postgres.server.take_down(signal.SIGINT)
    page = visitor.read("/perfil/")
    health = visitor.read("/salud/")
    postgres.server.bring_back()
    postgres.wait()

    assert page.status_code == 503
    assert "En este momento no podemos mostrarte esta página" in page.text
    assert health.status_code == 503
    assert health.json()["database"] == "error"
    assert visitor.read("/perfil/").status_code == 200
    settle_with_a_worker(stack, worker)
    assert worker.poll() is None
    assert len(stack.simulator_log()["captchas"]) == len(PEOPLE), "a captcha was bought twice"
    over = "census.worker.sentinel: The database works again, after "
    wait_until(lambda: over in stack.log("worker"), "the sentinel has asked again")
    for module in ("dispatcher", "sentinel"):
        for words in ("The database fails; trying again.", "The database works again, after "):
            line = f"census.worker.{module}: {words}"
            assert stack.log("worker").count(line) == 1, line
    assert_sound(stack, strays)


# --- Redis --------------------------------------------------------------------------------------


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[OwnRedis]:
    assert REDIS is not None
    folder = tmp_path / "redis"
    folder.mkdir()
    broker = OwnRedis(REDIS, folder)
    yield broker
    broker.server.stop()


@pytest.fixture
def on_redis(broker: OwnRedis, strays: Strays, tmp_path: Path) -> Iterator[Stack]:
    """A stack whose queue is in the test's own Redis."""
    with running_stack(tmp_path, REDIS_URL=broker.url) as stack:
        yield stack


@pytest.mark.skipif(REDIS is None, reason="needs redis-server")
def test_redis_emptied_and_restarted_loses_no_lookup(
    broker: OwnRedis, on_redis: Stack, strays: Strays
) -> None:
    stack = on_redis
    working(stack, PEOPLE)

    broker.empty()
    worker = stack.start_worker()
    wait_until(lambda: len(stack.simulator_log()["captchas"]) >= 2, "captchas are being solved")
    stack.register(*LATER)
    broker.server.end(signal.SIGKILL)
    broker.wait()

    settle_with_a_worker(stack, worker)
    assert worker.poll() is None
    assert_sound(stack, strays)


@pytest.mark.skipif(REDIS is None, reason="needs redis-server")
@pytest.mark.parametrize("how", ["down", "frozen"])
def test_while_redis_is_away_people_register_and_the_worker_lives(
    broker: OwnRedis, on_redis: Stack, strays: Strays, how: str
) -> None:
    stack = on_redis
    working(stack, [])
    worker = stack.start_worker()
    wait_until(lambda: stack.health()["workers"] == 1, "the worker is there")

    broker.server.freeze() if how == "frozen" else broker.server.take_down(signal.SIGKILL)
    register_in_the_end(stack, PEOPLE[0])
    wait_until(lambda: "The queue fails" in stack.log("worker"), "the worker misses its queue")
    broker.server.thaw() if how == "frozen" else broker.server.bring_back()

    settle_with_a_worker(stack, worker)
    assert worker.poll() is None
    assert_sound(stack, strays)
