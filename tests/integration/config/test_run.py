"""`make run` and `make reset` as a person starts them; a run leaves no process behind."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import requests

from config import __version__
from tests.paths import ROOT
from tests.stack import family, free_port, is_alive, wait_until

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start it on free ports, with a database of its own; end what a failed test leaves."""
    started: list[subprocess.Popen[str]] = []
    seen: list[psutil.Process] = []

    def _start(**variables: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'run.sqlite3'}",
            "PORT": str(free_port()),
            "SIMULATOR_PORT": str(free_port()),
            **variables,
        }
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "config.run"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        )
        return started[-1]

    yield _start
    for process in started:
        seen.extend(family(process.pid))
        process.kill()
        process.communicate()
    for leftover in seen:
        if is_alive(leftover):
            leftover.kill()


def lines_up_to_the_address(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if line.startswith("Open "):
            return lines
    raise AssertionError(f"It ended before it was ready: {lines}")


def ready(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Wait until it is ready, use it, and return its processes."""
    lines = lines_up_to_the_address(process)
    address = lines[-1].removeprefix("Open ")

    health = requests.get(f"{address}salud/", timeout=10)
    assert (health.status_code, health.json()["workers"]) == (200, 1)
    assert requests.get(f"{address}ingresar/", timeout=10).status_code == 200
    assert any("superadmin" in line for line in lines)
    assert any(line.startswith(f"Censo al Día {__version__}: starting") for line in lines)
    tree = family(process.pid)[1:]
    assert len(tree) >= 3
    return tree


def test_a_run_that_is_killed_leaves_no_process(start: Start) -> None:
    process = start()
    tree = ready(process)

    process.kill()

    assert process.wait(60) == -signal.SIGKILL
    wait_until(lambda: not any(map(is_alive, tree)), "every process has ended")


def reset(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`make reset` where the demo's databases lie in `folder`."""
    code = "import sys; from pathlib import Path; from config.run import reset"
    return subprocess.run(
        [sys.executable, "-c", f"{code}; sys.exit(reset.main(Path({str(folder)!r})))"],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder / 'run.sqlite3'}",
            **variables,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def people_of(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "run.sqlite3") as database:
        return [row[0] for row in database.execute("SELECT cedula FROM accounts_customuser")]


def test_a_run_is_ended_and_a_reset_is_refused_during_it_and_makes_the_demo_anew_after_it(
    start: Start, tmp_path: Path
) -> None:
    process = start()
    tree = ready(process)
    before = (tmp_path / "run.sqlite3").stat().st_ino
    refused = reset(tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "make reset: `make run` is running on this database: stop it first.\n"
    )
    assert (tmp_path / "run.sqlite3").stat().st_ino == before

    process.terminate()
    assert process.wait(60) == 0
    wait_until(lambda: not any(map(is_alive, tree)), "every process has ended")
    with sqlite3.connect(tmp_path / "run.sqlite3") as database:
        database.execute("UPDATE accounts_customuser SET cedula = '7' WHERE cedula = '1000000200'")
    done = reset(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "superadmin  900100100" in done.stdout
    assert "1000000200" in people_of(tmp_path)
    assert "7" not in people_of(tmp_path)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"DEBUG": "false"}, "DEBUG is off here: only a demo's database is deleted."),
        (
            {"DATABASE_URL": "postgres://censo@127.0.0.1/censo"},
            "DATABASE_URL names a database that is not in {}: only one in there is deleted.",
        ),
        (
            {"DATABASE_URL": "sqlite:////tmp/other.sqlite3"},
            "DATABASE_URL names a database that is not in {}: only one in there is deleted.",
        ),
    ],
)
def test_a_reset_deletes_nothing_but_a_demo(
    tmp_path: Path, variables: dict[str, str], sentence: str
) -> None:
    kept = tmp_path / "run.sqlite3"
    kept.write_text("somebody's", encoding="utf-8")
    refused = reset(tmp_path, **variables)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"make reset: {sentence.format(tmp_path)}\n"
    assert kept.read_text(encoding="utf-8") == "somebody's"


def test_a_wrong_setting_is_told_in_its_one_sentence(start: Start) -> None:
    process = start(LOOKUP_CONCURRENCY="many")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out == ""
    assert err == "Configuration: LOOKUP_CONCURRENCY must be a whole number, not 'many'.\n"


def test_a_wrong_port_is_told_in_its_one_sentence(start: Start) -> None:
    process = start(PORT="eighty")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err == "Configuration: PORT must be a whole number, not 'eighty'.\n"


def test_a_stop_before_it_runs_is_no_failure(start: Start) -> None:
    process = start()
    wait_until(lambda: len(family(process.pid)) > 1, "it prepares the database")
    tree = family(process.pid)[1:]
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    wait_until(lambda: not any(map(is_alive, tree)), "every process has ended")
