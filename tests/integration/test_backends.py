"""`make test-postgres` and `make test-redis` on a machine that has neither service."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack import free_port

ROOT = Path(__file__).resolve().parents[2]


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
