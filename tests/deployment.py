"""Variables that an operator sets and the product reads, for the tests of deploy/."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from config.environment.declarations import SETTINGS
from tests.paths import ROOT

DEPLOY = ROOT / "deploy"

CADDYS_OWN = {"SITE", "UPSTREAM", "HTTP_PORT", "HTTPS_PORT"}
"""Variables that deploy/Caddyfile reads, and the product does not."""

SECRETS = {setting.name for setting in SETTINGS if setting.secret}


def known_variables() -> set[str]:
    """Every variable that the product reads, with the _FILE of secrets."""
    return {variable for setting in SETTINGS for variable in setting.variables}


def as_a_shell_reads(file: Path) -> dict[str, str]:
    """The variables that `. file` sets in a shell."""
    shown = subprocess.run(
        ["sh", "-c", 'set -a; . "$0"; env -0', file],
        env={"PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    pairs = dict(line.split("=", 1) for line in shown.split("\0") if line)
    return {name: value for name, value in pairs.items() if name not in {"PATH", "PWD", "_"}}


def at_home(settings: Mapping[str, str], product: Path) -> dict[str, str]:
    """An environment for a process of `product`, with these settings and no others."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(product),
        "CHROMIUM_PATH": os.environ.get("CHROMIUM_PATH", ""),
        **settings,
    }
