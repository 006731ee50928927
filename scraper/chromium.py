"""Which Chromium is started, and how it passes for one that people use."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Playwright
from playwright_stealth import Stealth  # type: ignore[import-untyped]

from scraper.errors import BrowserCrashed

KNOWN_PLACES = (
    # Debian's binary before its wrapper script, which adds flags of its own.
    "/usr/lib/chromium/chromium",
    "/usr/bin/chromium",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
NAMES_ON_PATH = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")

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
"""What Playwright 1.65 turns off. Chromium heeds the last list it is given, so ours repeats it."""

ADDRESS_BAR_FEATURES = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
"""The address bar's suggestions, a process of their own for each page though nobody sees it. With
eight pages open, without them: 462 in place of 784 MiB, 2.4 in place of 7.8 s of CPU (156.0)."""

FLAGS = (
    "--disable-features=" + ",".join((*PLAYWRIGHTS_DISABLED_FEATURES, *ADDRESS_BAR_FEATURES)),
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-dev-shm-usage",
)

ENVIRONMENT = frozenset({"PATH", "HOME", "USER", "LANG", "LANGUAGE", "LC_ALL", "TZ"})
ENVIRONMENT_STARTS = ("XDG_", "FONTCONFIG_", "LD_LIBRARY_")
"""What a browser is told of our environment, and the proxies: it has no use for our secrets."""

LOCALE = "es-CO"
CONTEXT: dict[str, Any] = {
    "locale": LOCALE,
    "timezone_id": "America/Bogota",
    "viewport": {"width": 1366, "height": 768},
    "service_workers": "block",
    "accept_downloads": False,
}
"""A new context's options: a small laptop in Colombia that leaves nothing behind."""


def disguise() -> Stealth:
    """What hides the signs of automation, on the platform that the user agent names."""
    platform = "MacIntel" if sys.platform == "darwin" else "Linux x86_64"
    return Stealth(
        navigator_platform_override=platform,
        navigator_languages_override=(LOCALE, "es"),
    )


async def launch(
    playwright: Playwright, named: str, folder: Path, timeout_seconds: float
) -> Browser:
    """A disguised Chromium that keeps its temporary files in `folder`.

    `named` is the executable's path, '' for the first that is found. Raises BrowserCrashed where
    there is none.
    """
    disguise().hook_playwright_context(playwright)
    is_root = os.geteuid() == 0
    return await playwright.chromium.launch(
        executable_path=executable(named, playwright.chromium.executable_path),
        # Chromium's sandbox does not work for root, and it refuses to start without this.
        args=[*FLAGS, *(["--no-sandbox"] if is_root else [])],
        headless=True,
        # Signals are the worker's affair: it closes the browser when its lookups have ended.
        handle_sigint=False,
        handle_sigterm=False,
        handle_sighup=False,
        env=_environment(folder),
        timeout=timeout_seconds * 1000,
    )


def executable(named: str, playwrights_own: str) -> str | None:
    """The path to start; None for the one that Playwright downloaded. Raises BrowserCrashed."""
    if named:
        return named
    known = next((place for place in KNOWN_PLACES if Path(place).is_file()), None)
    found = known or next(filter(None, map(shutil.which, NAMES_ON_PATH)), None)
    if found is None and not Path(playwrights_own).is_file():
        raise BrowserCrashed(
            "No Chromium was found: run `make setup`, or name one in CHROMIUM_PATH."
        )
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
