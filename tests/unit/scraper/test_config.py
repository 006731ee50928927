"""The scraper's configuration: its accepted values, and how it is read from Django's settings."""

import math
from typing import Any

import pytest
from pytest_django import Settings

from scraper.config import ConfigError, ScraperConfig, SolverConfig
from scraper.from_settings import config_from_settings

URL = "http://127.0.0.1:8000/censo/consultar/"
LIVE = "https://consultacenso.registraduria.gov.co/"


@pytest.mark.parametrize(
    ("wrong", "variable"),
    [
        ({"url": "registraduria.gov.co"}, "REGISTRADURIA_URL"),
        ({"url": "ftp://registraduria.gov.co"}, "REGISTRADURIA_URL"),
        ({"url": "http://"}, "REGISTRADURIA_URL"),
        ({"url": "http://host:port/"}, "REGISTRADURIA_URL"),
        ({"interval_seconds": 0.0}, "LOOKUP_INTERVAL_SECONDS"),
        ({"interval_seconds": math.nan}, "LOOKUP_INTERVAL_SECONDS"),
        ({"timeout_seconds": -1.0}, "LOOKUP_TIMEOUT_SECONDS"),
        ({"concurrency": 0}, "LOOKUP_CONCURRENCY"),
        ({"url": LIVE, "interval_seconds": 4.9}, "LOOKUP_INTERVAL_SECONDS"),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_name_of_its_variable(
    wrong: dict[str, Any], variable: str
) -> None:
    with pytest.raises(ConfigError, match=f"^{variable} ") as raised:
        ScraperConfig(**{"url": URL} | wrong)

    assert raised.value.variable == variable


@pytest.mark.parametrize(
    ("wrong", "variable"),
    [
        ({"kind": "anticaptcha"}, "CAPTCHA_SOLVER"),
        ({"kind": "2captcha"}, "TWOCAPTCHA_API_KEY"),
        ({"url": ""}, "TWOCAPTCHA_URL"),
        ({"url": "2captcha.com"}, "TWOCAPTCHA_URL"),
        ({"polling_seconds": 0}, "TWOCAPTCHA_POLLING_SECONDS"),
    ],
)
def test_a_solver_that_makes_no_sense_is_refused_likewise(
    wrong: dict[str, Any], variable: str
) -> None:
    with pytest.raises(ConfigError, match=f"^{variable} "):
        SolverConfig(**wrong)


@pytest.mark.parametrize(
    "url",
    [
        LIVE,
        "https://REGISTRADURIA.gov.co/",
        "https://wsp.registraduria.gov.co./censo/consultar/",
        "https://user@consultacenso.registraduria.gov.co:443/",
    ],
)
def test_the_live_site_is_known_however_it_is_written(url: str) -> None:
    assert ScraperConfig(url=url).is_live


@pytest.mark.parametrize("url", [URL, "https://registraduria.gov.co.example/", ""])
def test_no_other_site_is_taken_for_it(url: str) -> None:
    assert not ScraperConfig(url=url, interval_seconds=0.2).is_live


@pytest.mark.parametrize("timeout", [1.0, 30.0, 180.0, 3600.0])
def test_the_parts_of_a_lookup_fit_into_the_whole(timeout: float) -> None:
    config = ScraperConfig(url=URL, timeout_seconds=timeout)

    parts = 3 * config.page_timeout_seconds + config.solver_timeout_seconds
    assert parts <= timeout * 1.0001
    assert config.solver_timeout_seconds < 120


def test_a_browser_may_hold_more_for_more_lookups_in_flight() -> None:
    assert ScraperConfig(url=URL, concurrency=8).browser_memory_mib == 900
    assert ScraperConfig(url=URL, concurrency=16).browser_memory_mib > 900
    assert ScraperConfig(url=URL, memory_limit_mib=5.0).browser_memory_mib == 5


def test_the_key_is_not_shown() -> None:
    assert "secreta" not in repr(ScraperConfig(url=URL, solver=SolverConfig("2captcha", "secreta")))


def test_the_settings_are_read_as_they_are_now(settings: Settings) -> None:
    settings.REGISTRADURIA_URL = URL
    settings.LOOKUP_INTERVAL_SECONDS = 0.3
    settings.LOOKUP_TIMEOUT_SECONDS = 42
    settings.LOOKUP_CONCURRENCY = 3
    settings.CHROMIUM_PATH = "/opt/chromium"
    settings.CAPTCHA_SOLVER = "2captcha"
    settings.TWOCAPTCHA_API_KEY = "clave"
    settings.TWOCAPTCHA_URL = "http://127.0.0.1:1"
    settings.TWOCAPTCHA_POLLING_SECONDS = 0.5

    assert config_from_settings() == ScraperConfig(
        url=URL,
        interval_seconds=0.3,
        timeout_seconds=42,
        concurrency=3,
        chromium_path="/opt/chromium",
        solver=SolverConfig("2captcha", "clave", "http://127.0.0.1:1", 0.5),
    )


def test_settings_that_contradict_each_other_are_refused(settings: Settings) -> None:
    settings.REGISTRADURIA_URL = LIVE
    settings.LOOKUP_INTERVAL_SECONDS = 1.0

    with pytest.raises(ConfigError, match="LOOKUP_INTERVAL_SECONDS"):
        config_from_settings()
