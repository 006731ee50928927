"""Start Chromium, disguised as one that people use."""

import logging
import os
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Playwright
from playwright.async_api import Error as PlaywrightError
from playwright_stealth import Stealth  # type: ignore[import-untyped]

from scraper.browser import installed
from scraper.errors import BrowserCrashed

logger = logging.getLogger(__name__)

PLAYWRIGHTS_DISABLED_FEATURES = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "msForceBrowserSignIn",
    "msEdgeUpdateLaunchServicesPreferredVersion",
)
"""Features that Playwright 1.65 disables. Chromium obeys only the last list, so ours repeats it."""

ADDRESS_BAR_FEATURES = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
"""The address bar's suggestions: a process of their own for each page, though nobody sees it. With
eight pages open, disabling them takes 784 MiB to 462, and 7.8 s of CPU to 2.4 (Chromium 156.0)."""

SPARE_RENDERER = "SpareRendererForSitePerProcess"
"""A process that Chromium keeps ready for the next page. Pages here are seconds apart and each has
one of its own anyway; without it a page costs 0.20 s of CPU instead of 0.23 (Chromium 156.0)."""

DISABLED_FEATURES = (*PLAYWRIGHTS_DISABLED_FEATURES, *ADDRESS_BAR_FEATURES, SPARE_RENDERER)

FLAGS = (
    "--disable-features=" + ",".join(DISABLED_FEATURES),
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-dev-shm-usage",
)

NO_SANDBOX = "sandboxing failed"
"""Part of Playwright's error when Chromium cannot make a sandbox."""

ENVIRONMENT = frozenset({"PATH", "HOME", "USER", "LANG", "LANGUAGE", "LC_ALL", "TZ"})
ENVIRONMENT_STARTS = ("XDG_", "FONTCONFIG_", "LD_LIBRARY_")
"""Variables that a browser inherits, besides the proxies: it has no use for our secrets."""

LOCALE = "es-CO"
CONTEXT: dict[str, Any] = {
    "locale": LOCALE,
    "timezone_id": "America/Bogota",
    "viewport": {"width": 1366, "height": 768},
    "service_workers": "block",
    "accept_downloads": False,
}
"""Options of a new context: a small laptop in Colombia that stores nothing."""


def disguise() -> Stealth:
    """Return the scripts that hide automation, for the platform that the user agent names."""
    platform = "MacIntel" if sys.platform == "darwin" else "Linux x86_64"
    return Stealth(
        navigator_platform_override=platform,
        navigator_languages_override=(LOCALE, "es"),
    )


async def launch(
    playwright: Playwright, named: str, folder: Path, timeout_seconds: float
) -> Browser:
    """Start a disguised Chromium that keeps its temporary files in `folder`.

    `named` is the executable's path; '' takes the first one found. Raises BrowserCrashed if there
    is none.
    """
    disguise().hook_playwright_context(playwright)

    async def started(*, in_sandbox: bool) -> Browser:
        return await playwright.chromium.launch(
            executable_path=executable(named, playwright.chromium.executable_path),
            args=list(FLAGS),
            chromium_sandbox=in_sandbox,  # without one by default
            headless=True,
            # The worker handles signals: it closes the browser when its lookups have ended.
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
            env=_environment(folder),
            timeout=timeout_seconds * 1000,
        )

    if os.geteuid() != 0:  # Chromium has no sandbox for root
        try:
            return await started(in_sandbox=True)
        except PlaywrightError as problem:
            if NO_SANDBOX not in str(problem):
                raise
        logger.warning(
            "Chromium runs without its sandbox, which this system does not allow: a page that takes"
            " it over has this worker's rights. docs/operations.md says what it needs."
        )
    return await started(in_sandbox=False)


def executable(named: str, playwrights_own: str) -> str | None:
    """The path to start; None for Playwright's own download. Raises BrowserCrashed without any."""
    found = installed.chromium(named)
    if found is None and not Path(playwrights_own).is_file():
        raise BrowserCrashed(installed.NOT_FOUND)
    return found


def _environment(folder: Path) -> dict[str, str | float | bool]:
    passed_on: dict[str, str | float | bool] = {
        name: value
        for name, value in os.environ.items()
        if name in ENVIRONMENT
        or name.startswith(ENVIRONMENT_STARTS)
        or name.lower().endswith("_proxy")
    }
    return passed_on | {"TMPDIR": str(folder)}
