"""With the example environments, filled in, `check --deploy` has nothing to say."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import environ
import pytest

from tests.deployment import CADDYS_OWN, DEPLOY, as_a_shell_reads, at_home, known_variables
from tests.paths import ROOT
from tests.stack import copy_of_the_product

EXAMPLES = [DEPLOY / "censo.env.example", DEPLOY / "systemd" / "censo.env.example"]

FILLED_IN = {
    "REGISTRADURIA_URL": "https://example.org/censo/consultar/",
    "CAPTCHA_SOLVER": "2captcha",
}
"""Values that the examples leave to the operator."""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of its own, with its static files collected and secrets made, as on a server."""
    product = copy_of_the_product(tmp_path_factory.mktemp("server") / "censo")
    shutil.copytree(DEPLOY, product / "deploy", ignore=shutil.ignore_patterns("secrets"))
    subprocess.run([product / "deploy" / "make-secrets"], check=True, stdout=subprocess.DEVNULL)
    done = manage(product, under_compose(product), "collectstatic", "--no-input", "-v0")
    assert (done.returncode, done.stderr) == (0, "")
    return product


def under_compose(product: Path) -> dict[str, str]:
    """Return compose.yaml's environment: the example, the files' names, and its own addresses."""
    secrets = product / "deploy" / "secrets"
    return as_a_shell_reads(EXAMPLES[0]) | {
        "SECRET_KEY_FILE": str(secrets / "secret_key"),
        "DATABASE_URL_FILE": str(secrets / "database_url"),
        "TWOCAPTCHA_API_KEY_FILE": str(secrets / "twocaptcha_api_key"),
        "REDIS_URL": "redis://redis:6379/0",
    }


def under_systemd(product: Path) -> dict[str, str]:
    """Return the units' environment, with the captcha's drop-in; the database's folder exists."""
    secrets = product / "deploy" / "secrets"
    return as_a_shell_reads(EXAMPLES[1]) | {
        "SECRET_KEY_FILE": str(secrets / "secret_key"),
        "TWOCAPTCHA_API_KEY_FILE": str(secrets / "twocaptcha_api_key"),
        "DATABASE_URL": f"sqlite:///{product / 'censo.sqlite3'}",
    }


def manage(
    product: Path, settings: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=product,
        env=at_home(settings, product),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("way", [under_compose, under_systemd])
def test_a_server_set_up_by_the_example_has_nothing_to_mend(
    product: Path, way: Callable[[Path], dict[str, str]]
) -> None:
    settings = way(product) | FILLED_IN
    done = manage(product, settings, "check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("way", [under_compose, under_systemd])
def test_what_is_not_filled_in_is_told(
    product: Path, way: Callable[[Path], dict[str, str]]
) -> None:
    settings = way(product) | {"RESPONSIBLE_EMAIL": "", "SITE_URL": ""}
    done = manage(product, settings, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 1
    for identifier in ("accounts.E001", "censo.W001", "censo.W014"):
        assert identifier in done.stderr


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_every_variable_of_an_example_is_one_that_somebody_reads(example: Path) -> None:
    text = example.read_text(encoding="utf-8").replace("\n#", "\n")
    written = set(re.findall(r"^([A-Z_0-9]+)=", text, re.MULTILINE))
    assert written <= known_variables() | CADDYS_OWN


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_every_reader_takes_the_same_from_an_example(
    example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shells, systemd and compose agree on single quotes; so does what reads our own .env."""
    held: dict[str, str] = {}
    monkeypatch.setattr(environ.Env, "ENVIRON", held)
    environ.Env.read_env(example)
    read = as_a_shell_reads(example)
    assert held == read
    assert read["RESPONSIBLE_ADDRESS"] == "Calle 1 # 2-3, Bogotá"


def test_secrets_are_made_once_and_closed(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "make-secrets", tmp_path)
    first = subprocess.run([tmp_path / "make-secrets"], check=True, capture_output=True, text=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    again = subprocess.run([tmp_path / "make-secrets"], check=True, capture_output=True, text=True)

    assert first.stdout.count("is made.") == len(made) == 4
    assert again.stdout.count("stays.") == 4
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert made["database_url"].split(":")[2] == f"{made['postgres_password']}@db"
    assert len(made["secret_key"]) == len(made["postgres_password"]) == 64
    assert made["secret_key"] != made["postgres_password"]


def test_no_secret_and_no_setting_of_a_server_is_tracked_or_sent_to_a_build() -> None:
    ignored = subprocess.run(
        ["git", "check-ignore", "deploy/censo.env", "deploy/secrets/secret_key"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(ignored.stdout.splitlines()) == 2
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    taken = [line for line in lines if line.startswith("!")]
    assert lines[lines.index("*") + 1] == taken[0]
    assert not [line for line in taken if "env" in line or "secret" in line or line == "!deploy"]
