"""Variables that an operator sets and the product reads, for the tests of deploy/."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"

CADDYS_OWN = {"SITE", "UPSTREAM", "HTTP_PORT", "HTTPS_PORT"}
"""Variables that deploy/Caddyfile reads, and the product does not."""


def known_variables() -> set[str]:
    """Every variable that the settings read, with the _FILE of those that may stand in one."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"^#?([A-Z_0-9]+)=", example, re.MULTILINE))


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
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "CHROMIUM_PATH": os.environ.get("CHROMIUM_PATH", ""),
        **settings,
    }
