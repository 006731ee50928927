"""`make test-postgres`, `make test-redis`: the tests with other services than the default ones.

The integration suite and the product's own runs hold on PostgreSQL as on SQLite; lookups survive
every kill with Redis as the queue's broker too, which forgets what was in a dead worker's hands.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

ROOT = Path(__file__).resolve().parent.parent

PATIENCE_SECONDS = 5


class NotHere(Exception):
    """The service cannot be used; the message is one sentence that says what is needed."""


@dataclass(frozen=True)
class Backend:
    """A service that the product can run on, and the tests that show it."""

    variable: str
    default: str
    tests: tuple[str, ...]
    require: Callable[[str], None]
    """Raises NotHere where the service at this address cannot be used."""
    expression: str = ""
    """Which of those tests can show something about it; '' is all of them."""


def require_postgres(address: str) -> None:
    try:
        with psycopg.connect(address, connect_timeout=PATIENCE_SECONDS) as server:
            may = server.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error:
        may = None
    if may is None or not may[0]:
        raise NotHere(
            "These tests need PostgreSQL 13 or later and a role that may create databases:"
            " set TEST_DATABASE_URL to postgres://user:password@host:port/postgres."
        )


def require_redis(address: str) -> None:
    try:
        with redis.from_url(address, socket_connect_timeout=PATIENCE_SECONDS) as broker:
            broker.ping()
    except (redis.RedisError, ValueError):
        raise NotHere(
            "These tests need a Redis server: set TEST_REDIS_URL to redis://host:port/number."
        ) from None


BACKENDS: Mapping[str, Backend] = {
    "postgres": Backend(
        variable="TEST_DATABASE_URL",
        default="postgres://postgres@127.0.0.1:5432/postgres",
        tests=(
            "tests/integration",
            "tests/e2e/test_captcha_limit.py",
            "tests/e2e/test_crashes.py",
            "tests/e2e/test_load.py",
            "tests/e2e/test_main_job.py",
            "tests/e2e/test_operations_page.py",
            "tests/e2e/test_pool.py",
            "tests/e2e/test_rally.py",
            "tests/e2e/test_regressions.py",
            "tests/e2e/test_several_hosts.py",
            "tests/e2e/test_upgrades.py",
        ),
        require=require_postgres,
        expression="database or e2e",
    ),
    "redis": Backend(
        variable="TEST_REDIS_URL",
        default="redis://127.0.0.1:6379/15",
        tests=(
            "tests/e2e/test_crashes.py",
            "tests/e2e/test_main_job.py",
            "tests/faults/test_processes.py",
        ),
        require=require_redis,
    ),
}


def main(name: str) -> int:
    """Run the tests of the backend of that name; 1 and a sentence where it is not here."""
    backend = BACKENDS[name]
    address = os.environ.get(backend.variable) or backend.default
    try:
        backend.require(address)
    except NotHere as problem:
        print(problem, file=sys.stderr)
        return 1
    command = [sys.executable, "-m", "pytest", "-n", "4", "--dist", "worksteal", *backend.tests]
    return subprocess.run(
        [*command, "-m", backend.expression, "--durations", "10", "--durations-min", "1"],
        cwd=ROOT,
        env={**os.environ, backend.variable: address},
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
