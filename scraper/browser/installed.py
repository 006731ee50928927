"""Find what a worker needs on its machine: a Chromium, and the driver that controls it.

Playwright is not imported: a process that only checks its settings need not load it.
"""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

KNOWN_PATHS = (
    # Debian's binary comes before its wrapper script, which adds flags of its own.
    "/usr/lib/chromium/chromium",
    "/usr/bin/chromium",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
NAMES_ON_PATH = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")

NOT_FOUND = (
    "No Chromium was found: install one (Debian: `apt-get install chromium`; for development:"
    " `make setup`), or name it in CHROMIUM_PATH."
)

PLAYWRIGHTS_OWN = (
    "from playwright.sync_api import sync_playwright\n"
    "with sync_playwright() as p: print(p.chromium.executable_path)"
)
ASKING_SECONDS = 60.0


def chromium(named: str) -> str | None:
    """Return the path `named`, else the first Chromium found; None if there is none."""
    if named:
        return named
    known = next((path for path in KNOWN_PATHS if Path(path).is_file()), None)
    return known or next(filter(None, map(shutil.which, NAMES_ON_PATH)), None)


def missing(named: str) -> str:
    """Return a sentence about what a browser lacks to start; '' if nothing.

    `named` is the Chromium's path; '' takes the first one found.
    """
    driver = _playwrights_node()
    if driver is not None and (problem := _reason_not_to_start(driver)):
        return (
            f"Playwright's driver does not start ({problem}): install what it asks for (Debian:"
            " `apt-get install libatomic1`)."
        )
    return "" if chromium(named) is not None or _playwright_has_its_own() else NOT_FOUND


def _playwrights_node() -> Path | None:
    """The Node program inside the playwright package; None if it is elsewhere."""
    package = importlib.util.find_spec("playwright")
    folders = (package and package.submodule_search_locations) or []
    return next(
        (node for folder in folders if (node := Path(folder) / "driver/node").is_file()), None
    )


def _reason_not_to_start(program: Path) -> str:
    """The last line of the program's output if `--version` fails; '' if it works."""
    try:
        asked = _ask(str(program), "--version")
    except (OSError, subprocess.TimeoutExpired) as problem:
        return str(problem)
    said = (asked.stderr or asked.stdout).strip().splitlines()
    return "" if asked.returncode == 0 else (said or [f"exit code {asked.returncode}"])[-1]


def _playwright_has_its_own() -> bool:
    try:
        asked = _ask(sys.executable, "-c", PLAYWRIGHTS_OWN)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and Path(asked.stdout.strip()).is_file()


def _ask(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=ASKING_SECONDS,
        check=False,
    )
