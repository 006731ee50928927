"""System checks of the lookups' settings, for `manage.py check --deploy` and a worker's start.

Impossible settings already stop the start in config/settings.py; these can run, but badly.
docs/operations.md lists every id.
"""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks

from scraper.browser import installed, memory
from scraper.from_settings import config_from_settings

WORKER = "worker"
"""Tag of the checks that a worker runs when it starts."""

LEAST_LIVE_TIMEOUT_SECONDS = 90.0
"""A captcha takes up to 45 s and gets half of the timeout; the page a few seconds, and a sixth."""
REST_OF_A_WORKER_MIB = 150.0
"""Memory of a cluster's processes without the browser; 61 MiB were measured without work."""


@checks.register(WORKER, deploy=True)
def address(**_: Any) -> list[checks.CheckMessage]:
    """Warn without a census address, and of settings that do not fit the live census."""
    if not settings.REGISTRADURIA_URL:
        return [
            checks.Warning(
                "REGISTRADURIA_URL is not set, so every lookup ends in an error: set it to the"
                " census page in force.",
                id="censo.W001",
            )
        ]
    if not config_from_settings().is_live:
        return []
    found: list[checks.CheckMessage] = []
    if settings.CAPTCHA_SOLVER == "none":
        found.append(
            checks.Warning(
                "CAPTCHA_SOLVER is none, and the census page asks for a captcha: lookups end in an"
                " error. Set it to 2captcha, with TWOCAPTCHA_API_KEY, once you have decided to.",
                id="censo.W002",
            )
        )
    if settings.DEBUG:
        found.append(
            checks.Warning(
                "DEBUG is on, and REGISTRADURIA_URL is the live census: set DEBUG=false, or pages"
                " of errors show people's data to whoever meets one.",
                id="censo.W003",
            )
        )
    return found


# size: three conditions, and mostly what is said of them
@checks.register(WORKER, deploy=True)
def captcha(**_: Any) -> list[checks.CheckMessage]:
    """Check that a captcha can be solved in its time, and that the API key is not sent in clear."""
    config = config_from_settings()
    solver = config.solver
    if solver.kind == "none":
        return []
    found: list[checks.CheckMessage] = []
    if solver.polling_seconds >= config.solver_timeout_seconds:
        found.append(
            checks.Error(
                f"TWOCAPTCHA_POLLING_SECONDS is {solver.polling_seconds:g}, and a captcha gets"
                f" {config.solver_timeout_seconds:g} s, half of LOOKUP_TIMEOUT_SECONDS: no token"
                " would ever be fetched. Lower the one, or raise the other.",
                id="censo.E001",
            )
        )
    if config.is_live and config.timeout_seconds < LEAST_LIVE_TIMEOUT_SECONDS:
        found.append(
            checks.Warning(
                f"LOOKUP_TIMEOUT_SECONDS is {config.timeout_seconds:g}: captchas that were paid"
                " for come too late. Raise it to at least"
                f" {LEAST_LIVE_TIMEOUT_SECONDS:g}; 180 is the default.",
                id="censo.W004",
            )
        )
    if urlsplit(solver.url).scheme == "http" and not _is_loopback(solver.url):
        found.append(
            checks.Warning(
                "TWOCAPTCHA_URL is a plain http address: the key travels where others can read it."
                " Use https.",
                id="censo.W005",
            )
        )
    return found


@checks.register(WORKER, deploy=True)
def delays(**_: Any) -> list[checks.CheckMessage]:
    """Warn of retry delays or pauses that get shorter, and of a first pause below the interval."""
    found: list[checks.CheckMessage] = [
        checks.Warning(
            f"{variable} gets shorter ({_listed(values)}): what fails again must wait at least as"
            " long as before. Put the numbers in rising order.",
            id="censo.W006",
        )
        for variable, values in (
            ("RETRY_DELAYS_SECONDS", settings.RETRY_DELAYS_SECONDS),
            ("PAUSE_SECONDS", settings.PAUSE_SECONDS),
        )
        if list(values) != sorted(values)
    ]
    config = config_from_settings()
    if config.is_live and min(settings.PAUSE_SECONDS) <= config.interval_seconds:
        found.append(
            checks.Warning(
                f"PAUSE_SECONDS begins with {min(settings.PAUSE_SECONDS):g}, no longer than"
                " LOOKUP_INTERVAL_SECONDS: a site that blocks us is asked on as if nothing had"
                " been. Set it to minutes; 60,300,1800 is the default.",
                id="censo.W007",
            )
        )
    return found


@checks.register(WORKER, deploy=True)
def browser_memory(**_: Any) -> list[checks.CheckMessage]:
    """Warn if the browser does not fit into memory with LOOKUP_CONCURRENCY lookups."""
    wanted = config_from_settings().browser_memory_mib + REST_OF_A_WORKER_MIB
    allowed = memory.allowed_mib()
    if wanted <= allowed:
        return []
    return [
        checks.Warning(
            f"LOOKUP_CONCURRENCY of {settings.LOOKUP_CONCURRENCY} takes a worker up to"
            f" {wanted:.0f} MiB, and {allowed:.0f} MiB are there: lower it, or give the worker more"
            " memory.",
            id="censo.W008",
        )
    ]


@checks.register(WORKER, deploy=True)
def browser(**_: Any) -> list[checks.CheckMessage]:
    """Warn if no browser can start: `qcluster` would refuse to, but a web server needs none."""
    missing = installed.missing(settings.CHROMIUM_PATH)
    if not missing:
        return []
    return [
        checks.Warning(f"No worker could run on this machine. {missing}", id="censo.W009"),
    ]


def _listed(values: Sequence[float]) -> str:
    return ",".join(f"{value:g}" for value in values)


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
