"""Find or install a Chromium: one that is installed, else Debian's, else Playwright's download."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scraper.browser import installed
from tools.problems import SetupError
from tools.virtualenv import Say, apt_install

KNOWN_PLACES = tuple(map(Path, installed.KNOWN_PATHS))


@dataclass(frozen=True)
class Machine:
    """The machine as this module sees it; tests pass an invented one."""

    python: Path
    """The virtual environment's Python, which has Playwright."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    known_places: Sequence[Path] = KNOWN_PLACES
    is_root: bool = field(default_factory=lambda: os.geteuid() == 0)

    def which(self, name: str) -> str | None:
        return shutil.which(name, path=self.environ.get("PATH", os.defpath))


def ensure(machine: Machine, say: Say) -> Path:
    """Return the path of a Chromium that starts, installing one if need be. Raises SetupError."""
    found = named(machine) or already_here(machine)
    if found:
        return found
    found = from_debian(machine, say) or from_playwright(machine, say)
    if found:
        return found
    raise SetupError(
        "no Chromium could be found or installed: install one (Debian: `apt-get install chromium`;"
        " elsewhere Google Chrome will do) or name it in CHROMIUM_PATH, then run `make setup`"
        " again."
    )


def named(machine: Machine) -> Path | None:
    """Return the Chromium that CHROMIUM_PATH names, or None where it is not set.

    Raises SetupError where that one does not start.
    """
    path = machine.environ.get("CHROMIUM_PATH", "").strip()
    if not path:
        return None
    if not starts(Path(path)):
        raise SetupError(
            f"CHROMIUM_PATH names {path}, which does not start as a browser: correct it, or unset"
            " it to have one found, then run `make setup` again."
        )
    return Path(path)


def already_here(machine: Machine) -> Path | None:
    on_path = (machine.which(name) for name in installed.NAMES_ON_PATH)
    candidates = [*machine.known_places, *(Path(found) for found in on_path if found)]
    here = next((path for path in candidates if starts(path)), None)
    return here or playwrights_own(machine)


def playwrights_own(machine: Machine) -> Path | None:
    """Return the Chromium that this version of Playwright downloaded earlier, or None."""
    asked = subprocess.run(
        [machine.python, "-c", installed.PLAYWRIGHTS_OWN],
        capture_output=True,
        text=True,
        env=dict(machine.environ),
        check=False,
    )
    path = Path(asked.stdout.strip())
    return path if asked.returncode == 0 and starts(path) else None


def from_debian(machine: Machine, say: Say) -> Path | None:
    apt_get = machine.which("apt-get")
    if not (apt_get and machine.is_root):
        return None
    say("Installing Debian's chromium (a minute or so)")
    return already_here(machine) if apt_install(apt_get, "chromium") else None


def from_playwright(machine: Machine, say: Say) -> Path | None:
    """Download Playwright's Chromium; as root, also install the system libraries that it needs."""
    say("Downloading Playwright's Chromium (some 170 MB)")
    command = [str(machine.python), "-m", "playwright", "install", "chromium"]
    if machine.is_root:
        command.append("--with-deps")
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=dict(machine.environ),
        check=False,
    )
    if done.returncode != 0:
        return None
    found = playwrights_own(machine)
    if not found:
        raise SetupError(
            "Playwright's Chromium is downloaded but does not start: run `sudo"
            f" {machine.python} -m playwright install-deps chromium`, then `make setup` again."
        )
    return found


def starts(path: Path) -> bool:
    """True if `path` is a browser that answers `--version`; a distribution's stub does not."""
    if not path.is_file():
        return False
    try:
        asked = subprocess.run(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0
