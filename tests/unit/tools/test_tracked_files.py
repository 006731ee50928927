"""The repository contains no secret key and no .env."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.paths import ROOT

KEYS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a cloud's key": r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub's": r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    "a token of Slack's": r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    # 2captcha's keys are 32 hexadecimal digits; uv and git write longer ones for other ends.
    "a captcha service's key": r"(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])",
    "a value for a secret": (
        r"(?i)\b(SECRET_KEY|API_KEY|PASSWORD|TOKEN)[ \t]*=[ \t]*['\"]?[A-Za-z0-9+/_-]{24,}"
    ),
    "an address with a password": r"\b(postgres(ql)?|rediss?)://[^\s:@/]*:(?!password@)[^\s:@/]{4,}@",
}
"""Patterns of the keys of services that such products use. They cannot find every secret."""
INVENTED = ("geheim", "ge/heim", "p%40", "0123456789abcdef")
"""In passwords and keys that tests and saved pages are given."""
CLAIM = re.compile(r"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}")
"""A random UUID as SQLite keeps it: what a claim is in the dumps of `tests/upgrades`."""


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


@pytest.mark.parametrize("kind", KEYS)
def test_no_tracked_file_holds(kind: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {key[0][:6]}…"
        for path in tracked()
        if path.is_file() and path.suffix not in {".png", ".woff2"}
        for key in re.finditer(KEYS[kind], path.read_text(encoding="utf-8", errors="replace"))
        if not any(word in key[0] for word in INVENTED)
        and not (path.suffix == ".sql" and CLAIM.fullmatch(key[0]))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("a private key", "-----BEGIN RSA " + "PRIVATE KEY-----"),
        ("a captcha service's key", "key: " + "c0ffee12" * 4),
        ("a value for a secret", "SECRET_KEY=" + "k9-_" * 12),
        ("an address with a password", "postgres://censo:" + "hunter22@db/censo"),
    ],
)
def test_the_search_finds_what_it_looks_for(kind: str, text: str) -> None:
    assert re.search(KEYS[kind], text)


def test_no_env_file_and_no_database_is_tracked() -> None:
    names = {path.name for path in tracked()}
    assert ".env" not in names
    assert not [name for name in names if name.endswith((".sqlite3", ".pem", ".key"))]
