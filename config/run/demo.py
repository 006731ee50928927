"""The demo that `make run` and `make reset` share: its environment, database and people."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.environment import database
from config.environment.kinds import BOOLEAN

BASE_DIR = Path(__file__).resolve().parents[2]
DATABASE = BASE_DIR / "var" / "censo.sqlite3"


class PreparationFailed(Exception):
    """A command that had to succeed failed; its output has been printed."""


class DatabaseInUse(Exception):
    """`make run` is running on the database."""


def environment(given: Mapping[str, str], simulator: str) -> dict[str, str]:
    """Return the children's environment: `given`, and defaults that make a demo of the rest.

    The captcha's defaults belong to the simulator. Where another census is named they are left
    out: no token of the simulator may reach a real page, and no real key the simulator.
    """
    census = {
        "PYTHONUNBUFFERED": "1",  # a log can be read while it is written
        "DEBUG": "true",
        "REGISTRADURIA_URL": f"{simulator}/censo/consultar/",
    }
    captcha = {
        "CAPTCHA_SOLVER": "2captcha",
        "TWOCAPTCHA_URL": simulator,
        "TWOCAPTCHA_POLLING_SECONDS": "1",
    }
    if not given.get("TWOCAPTCHA_API_KEY_FILE", "").strip():
        captcha["TWOCAPTCHA_API_KEY"] = "demo"
    complete = _with_defaults(given, census)
    if complete["REGISTRADURIA_URL"].strip().startswith(f"{simulator}/"):
        complete = _with_defaults(complete, captcha)
    return complete


def _with_defaults(given: Mapping[str, str], defaults: Mapping[str, str]) -> dict[str, str]:
    """Add what is missing. An empty variable counts as missing, as it does in the settings."""
    missing = {name: value for name, value in defaults.items() if not given.get(name, "").strip()}
    return {**given, **missing}


def prepare(environment: Mapping[str, str]) -> None:
    """Check the settings, migrate the database and create the demo's people.

    Raises PreparationFailed, after the failed command's output went to stderr.
    """
    _must_succeed(environment, "check")
    _must_succeed(environment, "migrate", "--no-input")
    if BOOLEAN.parse(environment["DEBUG"].strip()):
        print(_must_succeed(environment, "seed_demo"), end="", flush=True)
    else:
        _must_succeed(environment, "collectstatic", "--no-input")


def _must_succeed(environment: Mapping[str, str], *arguments: str) -> str:
    """Run `manage.py` with these arguments and return its output. Raises PreparationFailed."""
    done = subprocess.run(
        [sys.executable, "-m", "config.run.child", str(os.getpid()), *manage(*arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        print(done.stdout + done.stderr, end="", file=sys.stderr)
        raise PreparationFailed
    return done.stdout


def manage(*arguments: str) -> tuple[str, ...]:
    """Return the command line of `manage.py` with these arguments."""
    return (sys.executable, "manage.py", *arguments)


def database_file() -> Path | None:
    """Return the SQLite file that DATABASE_URL names, var/censo.sqlite3 by default; else None.

    Raises ImproperlyConfigured.
    """
    settings = database.from_environment(DATABASE)
    return Path(settings["NAME"]).absolute() if settings["ENGINE"] == database.SQLITE else None


@contextmanager
def database_in_use() -> Iterator[None]:
    """Keep `make reset` from deleting the database meanwhile; wait for one that is under way."""
    file = database_file()
    if file is None or not os.access(file.parent, os.W_OK):  # `prepare` says what is wrong then
        yield
        return
    with _locked(file, fcntl.LOCK_SH):
        yield


@contextmanager
def database_for_deletion(file: Path) -> Iterator[None]:
    """Keep `make run` from starting on the database meanwhile; DatabaseInUse if one is running."""
    with _locked(file, fcntl.LOCK_EX | fcntl.LOCK_NB):
        yield


@contextmanager
def _locked(file: Path, operation: int) -> Iterator[None]:
    # A file of its own: SQLite has locks on the database file. The kernel releases this one when
    # its process ends, however that happens; no child inherits it.
    with file.with_name(f"{file.name}.lock").open("wb") as lock:
        try:
            fcntl.flock(lock, operation)
        except BlockingIOError:
            raise DatabaseInUse from None
        yield
