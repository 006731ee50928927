"""Make the virtual environment in .venv and install the pinned packages in it."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.problems import DISK_FULL, SetupError
from tools.python_version import OLDEST

Say = Callable[[str], None]

AGAIN = "then run `make setup` again."
FULL_BYTES = 50_000_000
"""An empty environment takes about 30 MB."""


def python_of(venv: Path) -> Path:
    return venv / "bin" / "python"


def is_sound(venv: Path) -> bool:
    """True if the environment starts, has pip, and its Python is new enough."""
    return _answer(venv, f"import pip, sys; print(sys.version_info >= {OLDEST})") == "True"


def version_of(venv: Path) -> str:
    """Return `sys.version` of the environment's Python; '' if it does not start."""
    return _answer(venv, "import sys; print(sys.version)")


def _answer(venv: Path, code: str) -> str:
    try:
        asked = subprocess.run(
            # -I: ignore PYTHONPATH and the current folder.
            [python_of(venv), "-I", "-c", code],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def make(venv: Path, say: Say) -> None:
    """Make a fresh environment at `venv`, replacing whatever is there."""
    ensure_venv_module(say)
    say("Making the virtual environment in .venv")
    if venv.is_symlink() or venv.is_file():
        venv.unlink()
    # Not sys.executable: `python3` may be the very environment that is replaced here.
    base: str = getattr(sys, "_base_executable", sys.executable)  # venv reads it too
    made = subprocess.run(
        [base, "-m", "venv", "--clear", venv], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        full = shutil.disk_usage(venv.parent).free < FULL_BYTES  # ensurepip does not say why
        raise SetupError(
            DISK_FULL if full else explain(made.stdout + made.stderr, "the virtual environment")
        )


def ensure_venv_module(
    say: Say,
    *,
    present: bool | None = None,
    path: str | None = None,
    is_root: bool | None = None,
) -> None:
    """Make sure that Python has the venv module: install Debian's python3-venv, as root.

    Raises SetupError, which names the package, where that is not possible. Tests pass their own
    values for what is otherwise asked of this machine: `present`, PATH and `is_root`.
    """
    if present is None:
        present = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
    if present:
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    apt_get = shutil.which("apt-get", path=path)
    if apt_get and (os.geteuid() == 0 if is_root is None else is_root):
        say(f"Installing Debian's {package}")
        if apt_install(apt_get, package):
            return
    raise SetupError(
        f"Python's venv module is missing: install it (Debian: `apt-get install {package}`), "
        + AGAIN
    )


def apt_install(apt_get: str, package: str) -> bool:
    """Install a Debian package, as root; True if that worked."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    def succeeds(*arguments: str) -> bool:
        done = subprocess.run(
            [apt_get, "-q", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            check=False,
        )
        return done.returncode == 0

    succeeds("update")  # if it fails, an older package list may still do
    return succeeds("install", "-y", "--no-install-recommends", package)


def install(venv: Path, requirements: Path, say: Say) -> None:
    """Install the pinned packages; pip's output goes to .venv/setup.log. Raises SetupError."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if "==" in line and not line.startswith("#")]
    say(f"Installing {len(pins)} packages (a minute or so)")
    log = venv / "setup.log"
    pip = [str(python_of(venv)), "-m", "pip"]
    # The user's own `pip config` may say --user, which pip refuses inside an environment.
    environment = {**os.environ, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(
            [*pip, "install", "--no-input", "-r", str(requirements)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            check=False,
        )
    if done.returncode != 0:
        text = log.read_text(encoding="utf-8", errors="replace")
        raise SetupError(explain(text, "the packages", log))


def explain(output: str, noun: str, log: Path | None = None) -> str:
    """Return one sentence that explains a failed `venv` or `pip`, from its output."""
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return DISK_FULL
    if "Retrying (Retry(" in output or "ProxyError" in output or "SSLError" in output:
        return (
            "pip cannot reach the package index: check the network, the proxy and"
            f" `pip config list`, {AGAIN}"
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines or ["without a word"]
    where = f" The whole of it is in {log}." if log else ""
    return f"{noun} could not be installed ({errors[-1]}).{where}"
