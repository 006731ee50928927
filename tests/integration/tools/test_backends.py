"""`make test-postgres` and `make test-redis`: what they run, and where neither service is."""

import os
import subprocess
import sys

import pytest

from accounts.models import CustomUser
from tests.paths import ROOT
from tests.stack import free_port


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


def is_marked(request: pytest.FixtureRequest) -> bool:
    """True if `make test-postgres` runs this test: it leaves out what has no such mark."""
    return request.node.get_closest_marker("database") is not None


@pytest.mark.django_db
def test_a_test_that_is_marked_for_django_runs_on_postgresql(
    request: pytest.FixtureRequest,
) -> None:
    assert is_marked(request)


def test_a_test_with_a_fixture_that_has_rows_runs_on_postgresql(
    leader: CustomUser, request: pytest.FixtureRequest
) -> None:
    assert is_marked(request)


def test_a_test_of_processes_with_a_database_of_their_own_runs_on_postgresql(
    own_database: dict[str, str], request: pytest.FixtureRequest
) -> None:
    assert is_marked(request)


def test_a_test_without_a_database_does_not_run_on_postgresql(
    request: pytest.FixtureRequest,
) -> None:
    assert not is_marked(request)
