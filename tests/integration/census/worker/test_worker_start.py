"""A worker that cannot work says why when it starts, in a sentence and not in a traceback."""

import subprocess
import sys
from pathlib import Path

from tests.databases import OwnDatabase
from tests.paths import ROOT

WORKER = ("manage.py", "qcluster")
CHECK_AND_SAY = """
import sys
from django.core.checks import run_checks
run_checks(include_deployment_checks=True)
print("playwright" in sys.modules)
"""


def run(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_database_that_was_not_migrated(
    fresh_database: OwnDatabase, own_database: dict[str, str]
) -> None:
    run(own_database, "manage.py", "migrate", "census", "0004", "--verbosity", "0")
    done = run(own_database, *WORKER)
    assert done.returncode == 1
    assert done.stderr == (
        "CommandError: The database is not up to date: run `manage.py migrate` first.\n"
    )


def test_a_browser_that_could_not_start(own_database: dict[str, str], tmp_path: Path) -> None:
    node = tmp_path / "playwright" / "driver" / "node"
    node.parent.mkdir(parents=True)
    node.write_text("#!/bin/sh\necho 'libatomic.so.1: no such file' >&2\nexit 127\n")
    node.chmod(0o755)
    (tmp_path / "playwright" / "__init__.py").touch()

    done = run(own_database | {"PYTHONPATH": f"{tmp_path}:{ROOT}"}, *WORKER)

    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: Playwright's driver does not start (libatomic")
    assert done.stderr.count("\n") == 1


def test_settings_under_which_no_captcha_could_be_solved(own_database: dict[str, str]) -> None:
    settings = {
        "CAPTCHA_SOLVER": "2captcha",
        "TWOCAPTCHA_API_KEY": "a-key",
        "TWOCAPTCHA_POLLING_SECONDS": "30",
        "LOOKUP_TIMEOUT_SECONDS": "60",
        "Q_WORKERS": "2",
    }
    done = run(own_database | settings, *WORKER)
    assert done.returncode == 1
    warned, fatal, *last = sorted(done.stderr.splitlines(), key=lambda line: "W011" not in line)
    assert "WARNING  census.management.commands.qcluster: Q_WORKERS is 2: " in warned
    assert "qcluster: TWOCAPTCHA_POLLING_SECONDS is 30, " in fatal
    assert fatal.endswith("(censo.E001)")
    assert [line.split(":")[0] for line in last] == ["CommandError"]


def test_looking_at_the_settings_loads_no_playwright(own_database: dict[str, str]) -> None:
    done = run(own_database, "manage.py", "shell", "-v0", "-c", CHECK_AND_SAY)
    assert (done.stdout, done.stderr) == ("False\n", "")
