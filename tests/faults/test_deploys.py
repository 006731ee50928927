"""New code replaces the old while people register and lookups are in flight."""

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.crashes import SETTLED_WITHIN_SECONDS, busy_stack, outcomes, settle_with_a_worker
from tests.faults.invariants import assert_sound
from tests.faults.strays import Strays
from tests.stack import Stack, copy_of_the_product, wait_until
from tests.typed import REGISTRATION
from tests.visitor import Visitor

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.environment(LOOKUP_TIMEOUT_SECONDS="60"),  # longer than what captchas take here
]

STOPPED_WITHIN_SECONDS = 40.0
DRAINED_SECONDS = 30.0
"""A stopping worker does not wait for a captcha that takes this long."""


def stop(*processes: subprocess.Popen[bytes]) -> list[int]:
    """Stop the processes as a supervisor does, at the same time; return their exit codes."""
    for process in processes:
        process.send_signal(signal.SIGTERM)
    return [process.wait(STOPPED_WITHIN_SECONDS) for process in processes]


def solve_quickly(stack: Stack) -> None:
    """Have captchas be solved quickly from now on."""
    requests.post(f"{stack.simulator_url}/_control", json={"captcha_latency": 0.5}, timeout=10)


# --- The same schema ----------------------------------------------------------------------------


class Crowd(threading.Thread):
    """People who register one after another, and try again if nobody answers."""

    def __init__(self, stack: Stack) -> None:
        super().__init__()
        self.stack = stack
        self.registered: list[str] = []
        self.unanswered = 0
        """Requests without an answer."""
        self.problems: list[str] = []
        self.has_enough = threading.Event()

    def run(self) -> None:
        while not self.has_enough.is_set():
            self.register(f"10307{len(self.registered):03}11")

    def register(self, cedula: str) -> None:
        try:
            person = Visitor(self.stack.web_url)
            answer = person.send("/registro/", **(REGISTRATION | {"cedula": cedula}))
        except (requests.ConnectionError, requests.Timeout):
            self.unanswered += 1
            return
        if answer.url == f"{self.stack.web_url}/perfil/":
            self.registered.append(cedula)
        else:
            self.problems.append(f"{answer.status_code} {answer.url}")


@contextmanager
def crowd_at(stack: Stack) -> Iterator[Crowd]:
    crowd = Crowd(stack)
    crowd.start()
    try:
        yield crowd
    finally:
        crowd.has_enough.set()
        crowd.join()


def next_release(folder: Path) -> Path:
    code = copy_of_the_product(folder)
    with (code / "census" / "worker" / "dispatcher.py").open("a") as file:
        file.write("# As it is after the upgrade.\n")
    return code


def test_a_deploy_in_the_middle_of_everything_loses_nobody_and_burns_no_attempt(
    stack: Stack, strays: Strays, tmp_path: Path
) -> None:
    web = stack.start_web()
    worker = busy_stack(stack, captcha_latency=DRAINED_SECONDS)
    [old] = stack.query("SELECT version FROM census_workerheartbeat")
    with crowd_at(stack) as crowd:
        wait_until(lambda: crowd.registered, "somebody has registered")
        assert stop(worker, web) == [0, 0]
        assert "PROCESSING" not in stack.statuses()
        assert {row["retry_count"] for row in stack.lookups().values()} == {0}
        assert "HandedBack" in outcomes(stack)

        solve_quickly(stack)
        stack.code = next_release(tmp_path / "new")
        stack.start_web()
        stack.start_worker("worker-again")
        before = len(crowd.registered)
        wait_until(lambda: len(crowd.registered) > before, "people can register again")

    assert crowd.problems == []
    assert crowd.unanswered > 0
    assert set(crowd.registered) < stack.lookups().keys()
    wait_until(
        lambda: set(stack.statuses()) == {"ACTIVE"}, "all have answers", SETTLED_WITHIN_SECONDS
    )
    [new] = stack.query("SELECT version FROM census_workerheartbeat")
    assert new != old
    assert "outdated_workers" not in stack.health()
    assert_sound(stack, strays)


# --- Another schema -----------------------------------------------------------------------------

NEXT_ATTEMPT = 'models.DateTimeField("próximo intento", '
REWRITES_THE_TABLE = (
    "    bulk = models.ForeignKey(",
    '    note = models.TextField(default="nada")\n    bulk = models.ForeignKey(',
)
"""A new column with a value in each row: SQLite makes a new table and copies all rows."""
RENAMES_A_COLUMN = (
    f"    next_attempt_at = {NEXT_ATTEMPT}",
    f'    next_attempt_at = {NEXT_ATTEMPT}db_column="due_at", ',
)
"""A column that every worker reads gets a name that the old code does not know."""


def release_with(folder: Path, stack: Stack, change: tuple[str, str]) -> Path:
    """A copy of the product with a change in census/models.py, and its migration."""
    code = copy_of_the_product(folder)
    models = code / "census" / "models.py"
    old, new = change
    text = models.read_text(encoding="utf-8")
    assert text.count(old) == 1
    models.write_text(text.replace(old, new), encoding="utf-8")
    before, stack.code = stack.code, code
    stack.manage("makemigrations", "census", "--name", "of_the_test", "--verbosity", "0")
    stack.code = before
    return code


def migrate_under_a_busy_worker(stack: Stack, release: Path) -> subprocess.Popen[bytes]:
    """Migrate while a worker with the old code runs, which the operator's guide advises against."""
    worker = busy_stack(stack, captcha_latency=20.0)
    stack.code = release
    stack.manage("migrate", "--verbosity", "0")
    assert "PROCESSING" in stack.statuses()
    solve_quickly(stack)
    return worker


def test_a_table_that_is_rewritten_under_a_busy_worker_costs_nobody_anything(
    stack: Stack, strays: Strays, tmp_path: Path
) -> None:
    release = release_with(tmp_path / "new", stack, REWRITES_THE_TABLE)

    worker = migrate_under_a_busy_worker(stack, release)

    settle_with_a_worker(stack, worker)
    assert {(row["retry_count"], row["note"]) for row in stack.lookups().values()} == {(0, "nada")}
    assert stop(worker) == [0]
    assert "Traceback" not in stack.log("worker")
    stack.start_worker("worker-again")
    assert_sound(stack, strays)


def test_a_column_that_is_renamed_under_a_busy_worker_costs_time_and_no_answer(
    stack: Stack, strays: Strays, tmp_path: Path
) -> None:
    release = release_with(tmp_path / "new", stack, RENAMES_A_COLUMN)
    web = stack.start_web()
    person = Visitor(stack.web_url)

    worker = migrate_under_a_busy_worker(stack, release)

    wait_until(lambda: "The database fails" in stack.log("worker"), "the operator is told")
    form = REGISTRATION | {"cedula": "1030070011"}
    assert person.send("/registro/", **form).status_code in (500, 503)
    assert "1030070011" not in str(stack.query("SELECT cedula FROM accounts_customuser"))
    health = requests.get(f"{stack.web_url}/salud/", timeout=10)
    assert (health.status_code, health.json()["database"]) == (503, "error")
    assert stop(worker, web) == [0, 0]
    stack.start_web()
    settle_with_a_worker(stack, stack.start_worker("worker-again"))
    person.register("1030070011")
    assert_sound(stack, strays)
