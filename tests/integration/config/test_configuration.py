"""A setting that makes no sense stops every command with one sentence that names it."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from secrets import token_urlsafe

import pytest
from django.conf import settings
from django.urls import URLPattern

from accounts import urls as accounts_urls
from census import urls as census_urls
from config import urls as project_urls
from config.environment.declarations import PUBLIC_PATHS, SETTINGS, Runner
from tests.paths import ROOT
from tests.stack import copy_of_the_product

LIVE = "https://www.registraduria.gov.co/censo/consultar/"

WRONG = {
    setting.name: {**setting.wrong_with, setting.name: setting.wrong} for setting in SETTINGS
} | {
    f"{setting.name}_FILE": {setting.name: "", f"{setting.name}_FILE": "/no/such/file"}
    for setting in SETTINGS
    if setting.secret
}
"""Each variable, and an environment in which it makes no sense."""
READ_BY_THE_RUNNER = {setting.name for setting in Runner.settings()}

SHOW = """
from django.conf import settings as s
print(s.SECRET_KEY, s.TWOCAPTCHA_API_KEY, s.DATABASES["default"]["NAME"])
"""

SHOW_QUEUE = """
from django.conf import settings as s
print(s.Q_CLUSTER["name"], s.Q_CLUSTER["redis"], s.Q_CLUSTER.get("orm"))
"""


def check(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run("manage.py", *(command or ("check",)), **variables)


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", WRONG)
def test_each_variable_is_refused_by_name(name: str) -> None:
    """A variable that is declared and read by nothing fails here: nothing refuses its value."""
    command = ("-m", "config.run") if name in READ_BY_THE_RUNNER else ("manage.py", "check")
    assert_refused(name, *command, **WRONG[name])


@pytest.mark.parametrize(
    "value", ["censo.example.org", "https://*.example.org", "https://a https://b"]
)
def test_a_site_that_is_not_one_origin_is_refused(value: str) -> None:
    assert_refused("SITE_URL", SITE_URL=value)


@pytest.mark.parametrize("value", ["/", "a b/", "a//b", "admin?x", "../admin", "salud/x/"])
def test_a_path_of_the_administration_that_is_none_is_refused(value: str) -> None:
    assert_refused("ADMIN_PATH", ADMIN_PATH=value)


def test_the_administration_can_hide_no_page() -> None:
    own = [entry for entry in project_urls.urlpatterns if isinstance(entry, URLPattern)]
    entries = [*own, *accounts_urls.urlpatterns, *census_urls.urlpatterns]
    ours = {str(entry.pattern) for entry in entries}
    first = {address.split("/", 1)[0] for address in ours if address}

    assert first | {settings.STATIC_URL.strip("/")} == PUBLIC_PATHS


OPEN_ADMINISTRATION = """
from django.test import Client
from django.urls import reverse
answers = [Client().get(page) for page in ("/oficina/mesa-3/", "/admin/")]
print(reverse("admin:index"), [answer.status_code for answer in answers])
print(answers[0]["Location"])
"""


def test_the_administration_moves_where_it_is_told(own_database: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", OPEN_ADMINISTRATION],
        cwd=ROOT,
        env=own_database | {"ADMIN_PATH": "/oficina/mesa-3", "ALLOWED_HOSTS": "testserver"},
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout.splitlines() == [
        "/oficina/mesa-3/ [302, 404]",
        "/oficina/mesa-3/login/?next=/oficina/mesa-3/",
    ]


@pytest.mark.parametrize(
    "key",
    [
        "k3y-" * 12,  # 48 characters
        "abab" * 20,  # few signs
        "django-insecure-8wzn4v-2y1h7qk5m0x9c3b6t8r1p4s7d0f2g5j8l",
        hashlib.sha256(f"development only: {ROOT}".encode()).hexdigest(),
    ],
)
def test_a_key_that_others_know_or_can_guess_is_refused_on_a_server(key: str) -> None:
    done = check(DEBUG="false", SECRET_KEY=key)
    assert done.returncode == 1
    assert re.fullmatch(r"Configuration: SECRET_KEY [^\n]+\.\n", done.stderr)
    assert key not in done.stderr


def test_secrets_are_read_from_the_files_that_the_environment_names(tmp_path: Path) -> None:
    key, database = tmp_path / "key", tmp_path / "database"
    key.write_text(token_urlsafe(48) + "\n", encoding="utf-8")
    database.write_text(f"sqlite:///{tmp_path / 'own.sqlite3'}\n", encoding="utf-8")
    done = check(
        *("shell", "-v0", "-c", SHOW),
        DEBUG="false",
        SECRET_KEY="",
        SECRET_KEY_FILE=str(key),
        DATABASE_URL="",
        DATABASE_URL_FILE=str(database),
        CAPTCHA_SOLVER="2captcha",
        TWOCAPTCHA_API_KEY_FILE=str(key),
    )
    assert done.stderr == ""
    held = key.read_text(encoding="utf-8").strip()
    assert done.stdout.split() == [held, held, str(tmp_path / "own.sqlite3")]


def test_a_queue_of_its_own_name_takes_its_broker_from_a_file(tmp_path: Path) -> None:
    address = tmp_path / "redis"
    address.write_text("redis://127.0.0.1:1/3\n", encoding="utf-8")
    done = check(
        *("shell", "-v0", "-c", SHOW_QUEUE),
        REDIS_URL="",
        REDIS_URL_FILE=str(address),
        QUEUE_NAME="censo-2",
    )
    assert (done.stdout, done.stderr) == ("censo-2 redis://127.0.0.1:1/3 None\n", "")


SHOW_LOGGING = """
from django.conf import settings as s
print(s.LOG_FORMAT, s.LOG_LEVEL, s.SENTRY_ENVIRONMENT, s.SENTRY_TRACES_SAMPLE_RATE)
"""


@pytest.mark.parametrize(
    ("debug", "shown"),
    [("false", "json info production 0.0\n"), ("true", "text info development 0.0\n")],
)
def test_a_server_writes_json_and_a_developer_reads_text(debug: str, shown: str) -> None:
    key = token_urlsafe(48)
    done = check("shell", "-v0", "-c", SHOW_LOGGING, DEBUG=debug, SECRET_KEY=key)
    assert (done.stdout, done.stderr) == (shown, "")


@pytest.mark.parametrize("name", ["LOG_FORMAT", "LOG_LEVEL"])
def test_gunicorn_refuses_what_the_settings_refuse(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "config.wsgi", "--check-config"],
        cwd=ROOT,
        env={**os.environ, **WRONG[name]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert re.fullmatch(rf"Configuration: {name} [^\n]+\.\n", done.stderr)


def test_an_address_for_reports_is_not_repeated() -> None:
    assert "geheim" not in check(**WRONG["SENTRY_DSN"]).stderr


def assert_refused(name: str, *command: str, **variables: str) -> None:
    done = run(*(command or ("manage.py", "check")), **variables)
    assert done.returncode == 1
    assert re.fullmatch(rf"Configuration: {name} [^\n]+\.\n", done.stderr)
    assert done.stdout == ""


def test_a_folder_for_the_database_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    product = copy_of_the_product(tmp_path / "censo")
    (product / "var").touch()
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=product,
        env=os.environ | {"DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"Configuration: DATABASE_URL must be set: {product}/var cannot be made (File exists).\n"
    )


def test_the_live_site_is_not_visited_more_often_than_every_five_seconds() -> None:
    done = check(REGISTRADURIA_URL=LIVE, LOOKUP_INTERVAL_SECONDS="4.9")
    assert done.returncode == 1
    assert done.stderr.startswith("Configuration: LOOKUP_INTERVAL_SECONDS must be at least 5")


def test_settings_that_make_sense_pass() -> None:
    done = check(
        REGISTRADURIA_URL=LIVE,
        LOOKUP_INTERVAL_SECONDS="5",
        RETRY_DELAYS_SECONDS="0.2",
        SITE_URL="https://censo.example.org:8443",
        RETENTION_ATTEMPTS_DAYS="0",
        CAMPAIGN_ENDS_ON="2027-10-31",
    )
    assert (done.returncode, done.stderr) == (0, "")
