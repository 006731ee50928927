"""`make test-postgres` and `make test-redis`: what they run, and where neither service is."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack import free_port
from tools.backends import BACKENDS

ROOT = Path(__file__).resolve().parents[2]
USES_THE_DATABASE = re.compile(
    # Of a test's process, or of processes on a database that the run's server gives them.
    r"django_db|transactional_db|\bdb: None|own_database|fresh_database|running_stack|stack: Stack"
)


@pytest.mark.parametrize(
    ("name", "variable", "scheme"),
    [
        ("postgres", "TEST_DATABASE_URL", "postgres://u:geheim@"),
        ("redis", "TEST_REDIS_URL", "redis://"),
    ],
)
def test_a_service_that_is_not_here_is_asked_for_in_one_sentence(
    name: str, variable: str, scheme: str
) -> None:
    address = f"{scheme}127.0.0.1:{free_port()}/0"
    done = subprocess.run(
        [sys.executable, "-m", "tools.backends", name],
        cwd=ROOT,
        env=os.environ | {variable: address},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("These tests need ")
    assert done.stderr.count("\n") == 1
    assert variable in done.stderr
    assert "geheim" not in done.stderr


@pytest.mark.parametrize("pattern", BACKENDS["postgres"].without)
def test_what_is_not_run_on_postgresql_would_not_touch_it(pattern: str) -> None:
    files = list(ROOT.glob(pattern))
    assert files, "a pattern that fits nothing is left over"
    use_it = [
        file.name for file in files if USES_THE_DATABASE.search(file.read_text(encoding="utf-8"))
    ]
    assert use_it == []
