"""The steps of `make setup`, and the record of which are done already."""

import hashlib
import json
import os
import re
import secrets
import sys
from pathlib import Path

from tools import chromium, virtualenv
from tools.problems import SetupError, sentence_for

ROOT = Path(__file__).resolve().parent.parent

DEVELOPMENT_ENV = """\
# Settings of this copy of the project; .env.example tells what there is. Never commit this file.
DEBUG=true
SECRET_KEY={secret_key}
"""


def main(root: Path = ROOT) -> int:
    """Set the project up at `root`; return the exit code. A problem is printed as one sentence."""
    try:
        set_up(root)
    except SetupError as problem:
        print(f"make setup: {problem}", file=sys.stderr)
    except OSError as problem:
        print(f"make setup: {sentence_for(problem)}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nmake setup: stopped; run it again to go on.", file=sys.stderr)
    else:
        return 0
    return 1


def set_up(root: Path) -> None:
    """Do the steps that are not done yet. A step is recorded once it has succeeded, not before."""
    venv = root / ".venv"
    stamp = Stamp(venv / "setup.json")
    if stamp.read("packages") != fingerprint(root):
        # The environment's scripts contain its path, so one that was moved does not work.
        if stamp.read("place") != str(venv) or not virtualenv.is_sound(venv):
            virtualenv.make(venv, say)
            stamp.write("place", str(venv))
        virtualenv.install(venv, root / "requirements-dev.txt", say)
        stamp.write("packages", fingerprint(root))
    write_env_file(root / ".env")
    environ = {**named_in(root / ".env"), **os.environ}
    known = stamp.read("chromium")
    if environ.get("CHROMIUM_PATH", "").strip() not in ("", known) or not Path(known).is_file():
        found = chromium.ensure(chromium.Machine(virtualenv.python_of(venv), environ), say)
        stamp.write("chromium", str(found))
        say(f"Chromium: {found}")
    say("Everything is in place.")


def fingerprint(root: Path) -> str:
    """Return a hash of what the environment depends on: the pins, its path and its own Python.

    Its own Python, not the one that runs this: `PYTHON=…` need not be repeated every time.
    """
    pins = (root / "requirements-dev.txt").read_bytes()
    version = virtualenv.version_of(root / ".venv")
    return hashlib.sha256(pins + f"{version}\n{root}".encode()).hexdigest()


class Stamp:
    """The record of finished steps: a small file in .venv, so that it is deleted along with it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, step: str) -> str:
        return self._steps().get(step, "")

    def write(self, step: str, value: str) -> None:
        steps = {**self._steps(), step: value}
        self.path.write_text(json.dumps(steps), encoding="utf-8")

    def _steps(self) -> dict[str, str]:
        try:
            steps = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return steps if isinstance(steps, dict) else {}


def write_env_file(path: Path) -> None:
    """Write a .env for development, readable by its owner alone, unless there is one already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(DEVELOPMENT_ENV.format(secret_key=secrets.token_urlsafe(48)))
    say("Wrote .env with DEBUG=true and a SECRET_KEY of its own")


def named_in(path: Path) -> dict[str, str]:
    """Return {"CHROMIUM_PATH": …} as set in .env, or {}.

    Read by a regular expression: this runs before the packages that read .env are installed.
    """
    setting = r"^\s*(?:export\s+)?CHROMIUM_PATH\s*=\s*['\"]?([^'\"#\n]*)"
    line = re.search(setting, path.read_text(encoding="utf-8"), re.MULTILINE)
    return {"CHROMIUM_PATH": line[1].strip()} if line else {}


def say(line: str) -> None:
    print(line, flush=True)
