"""`make check`: run every check that needs no test."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

DEVELOPMENT = {"DEBUG": "true"}
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "example.org",
    "SITE_URL": "https://example.org",
    "TRUSTED_PROXIES": "1",
    "CSRF_TRUSTED_ORIGINS": "https://example.org",
    "REGISTRADURIA_URL": "https://example.org/censo/consultar/",
    "RESPONSIBLE_NAME": "Campaña de ejemplo",
    "RESPONSIBLE_ADDRESS": "Calle 1 # 2-3, Bogotá",
    "RESPONSIBLE_EMAIL": "datos@example.org",
}
"""The environment of a server, with an invented address and an invented campaign."""


@dataclass(frozen=True)
class Check:
    """A command that ends with 0 if all is well."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=lambda: DEVELOPMENT)


def tool(name: str, *arguments: str) -> tuple[str, ...]:
    """Return the command line of a tool that is installed beside this Python."""
    return (str(Path(sys.executable).parent / name), *arguments)


def manage(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "manage.py", *arguments)


CHECKS = (
    Check("style", tool("ruff", "check", "--output-format", "concise", ".")),
    Check("format", tool("ruff", "format", "--check", ".")),
    Check("types", tool("mypy")),
    Check("imports", tool("lint-imports", "--no-logo")),
    Check("sizes", (sys.executable, "-m", "tools.sizes")),
    Check("package list", (sys.executable, "-m", "tools.package_map", "--check")),
    Check("templates", tool("djlint", "templates", "--lint", "--quiet")),
    Check("template format", tool("djlint", "templates", "--check", "--quiet")),
    Check("documents", (sys.executable, "-m", "tools.markdown")),
    Check("settings' pages", (sys.executable, "-m", "tools.settings_docs", "--check")),
    Check("migrations", manage("makemigrations", "--check", "--dry-run")),
    # A style sheet that names a missing file fails here.
    Check("static files", manage("collectstatic", "--no-input", "--verbosity", "0"), PRODUCTION),
    # Last: it needs the static files.
    Check("deployment", manage("check", "--deploy", "--fail-level", "WARNING"), PRODUCTION),
)


def main(checks: Sequence[Check] = CHECKS) -> int:
    """Run all checks, also after one has failed; return 1 if any failed.

    As many at once as there are processors; the last one alone, as it needs what another writes.
    """
    *most, last = checks
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        verdicts = [*pool.map(passes, most), passes(last)]
    failed = [check.name for check, passed in zip(checks, verdicts, strict=True) if not passed]
    if failed:
        print(f"{len(failed)} of {len(checks)} checks failed: {', '.join(failed)}.")
        return 1
    print(f"All {len(checks)} checks passed.")
    return 0


def passes(check: Check) -> bool:
    """Run the check and return True if it passes. Its output is printed only if it fails."""
    began = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env={**os.environ, **check.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    lines = [f"{check.name:<16} {verdict:<7} {time.monotonic() - began:4.1f} s"]
    if done.returncode != 0:
        lines += [f"$ {' '.join(check.command)}", done.stdout]
    print("\n".join(lines), flush=True)  # at once: another check may print meanwhile
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
