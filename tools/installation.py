"""The steps of `make setup`, and how it knows which are done already."""

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
    """Set the project up at `root`; the exit code. Problems are told in one sentence."""
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
    """Do the steps that are not done. Each is noted once it has succeeded, not before."""
    venv = root / ".venv"
    stamp = Stamp(venv / "setup.json")
    if stamp.read("packages") != fingerprint(root):
        # The commands in it name the place it was made in: one that was moved is no use.
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
    """What the environment depends on: the pins, its place on the disk, and its own Python.

    Its own, not the one that runs this: `make setup PYTHON=…` need not be said again each time.
    """
    pins = (root / "requirements-dev.txt").read_bytes()
    version = virtualenv.version_of(root / ".venv")
    return hashlib.sha256(pins + f"{version}\n{root}".encode()).hexdigest()


class Stamp:
    """What is done, in a small file inside .venv: it goes when the environment goes."""

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
    """A .env for development, readable by its owner alone. One that is there stays as it is."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(DEVELOPMENT_ENV.format(secret_key=secrets.token_urlsafe(48)))
    say("Wrote .env with DEBUG=true and a SECRET_KEY of its own")


def named_in(path: Path) -> dict[str, str]:
    """CHROMIUM_PATH as .env has it, if it does: Django's reader of the file is not needed here."""
    setting = r"^\s*(?:export\s+)?CHROMIUM_PATH\s*=\s*['\"]?([^'\"#\n]*)"
    line = re.search(setting, path.read_text(encoding="utf-8"), re.MULTILINE)
    return {"CHROMIUM_PATH": line[1].strip()} if line else {}


def say(line: str) -> None:
    print(line, flush=True)
