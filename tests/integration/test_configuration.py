"""A setting that makes no sense stops every command with one sentence that names it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

LIVE = "https://www.registraduria.gov.co/censo/consultar/"

WRONG = {
    "SECRET_KEY": {"DEBUG": "false", "SECRET_KEY": ""},
    "DEBUG": {"DEBUG": "maybe"},
    "ALLOWED_HOSTS": {"ALLOWED_HOSTS": "https://example.org/"},
    "CSRF_TRUSTED_ORIGINS": {"CSRF_TRUSTED_ORIGINS": "example.org"},
    "SITE_URL": {"SITE_URL": "https://censo.example.org/inicio/"},
    "DATABASE_URL": {"DATABASE_URL": "nonsense"},
    "DATABASE_POOL_SIZE": {"DATABASE_POOL_SIZE": "0"},
    "REDIS_URL": {"REDIS_URL": "localhost"},
    "QUEUE_NAME": {"QUEUE_NAME": "censo al día"},
    "REGISTRADURIA_URL": {"REGISTRADURIA_URL": "ftp://example.org/"},
    "LOOKUP_INTERVAL_SECONDS": {"LOOKUP_INTERVAL_SECONDS": "-1"},
    "LOOKUP_CONCURRENCY": {"LOOKUP_CONCURRENCY": "1.5"},
    "LOOKUP_TIMEOUT_SECONDS": {"LOOKUP_TIMEOUT_SECONDS": "never"},
    "RETRY_DELAYS_SECONDS": {"RETRY_DELAYS_SECONDS": "60,soon"},
    "PAUSE_AFTER_BLOCKS": {"PAUSE_AFTER_BLOCKS": "0"},
    "PAUSE_SECONDS": {"PAUSE_SECONDS": "-1"},
    "REFRESH_COOLDOWN_SECONDS": {"REFRESH_COOLDOWN_SECONDS": "nan"},
    "CAPTCHA_SOLVER": {"CAPTCHA_SOLVER": "magic"},
    "TWOCAPTCHA_API_KEY": {"CAPTCHA_SOLVER": "2captcha", "TWOCAPTCHA_API_KEY": ""},
    "TWOCAPTCHA_URL": {"TWOCAPTCHA_URL": "2captcha.com"},
    "TWOCAPTCHA_POLLING_SECONDS": {"TWOCAPTCHA_POLLING_SECONDS": "0"},
    "CHROMIUM_PATH": {"CHROMIUM_PATH": "/no/such/browser"},
    "Q_WORKERS": {"Q_WORKERS": "many"},
}


def check(**variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", WRONG)
def test_each_variable_is_refused_by_name(name: str) -> None:
    assert_refused(name, **WRONG[name])


@pytest.mark.parametrize(
    "value", ["censo.example.org", "https://*.example.org", "https://a https://b"]
)
def test_a_site_that_is_not_one_origin_is_refused(value: str) -> None:
    assert_refused("SITE_URL", SITE_URL=value)


def assert_refused(name: str, **variables: str) -> None:
    done = check(**variables)
    assert done.returncode == 1
    assert re.fullmatch(rf"Configuration: {name} [^\n]+\.\n", done.stderr)
    assert done.stdout == ""


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
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_variable_of_the_example_has_a_case_here_or_is_the_runner_s_own() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    names = set(re.findall(r"^#?([A-Z_0-9]+)=", example, re.MULTILINE))
    assert names == WRONG.keys() | {"PORT", "SIMULATOR_PORT"}
