"""Lighthouse's scores of the public pages and of a leader's table, as on a phone.

`python -m benchmarks.lighthouse`; needs Node 18.16 or later, because npx fetches Lighthouse from
the npm registry. The pages are on loopback, with Lighthouse's own slow phone on slow mobile data.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.server import COOKIE, make, server, start_web
from scraper.browser.chromium import executable

VERSION = "12.8.2"
"""The last version that runs on Node 18 and 20."""
CATEGORIES = ("performance", "accessibility", "best-practices")
GOAL = 95
PAGES = {
    "registration": ("/registro/", False),
    "invitation": ("/registro/?ref=ZZZZ2222", False),
    "login": ("/ingresar/", False),
    "policy": ("/politica/", False),
    "profile": ("/perfil/", True),
    "home": ("/", True),
    "table (50 of 5,000)": ("/referidos/", True),
}
"""{name: (path, is logged in as a leader)}."""
NO_TRACE, TRACES = "NO_NAVSTART", 3
"""Lighthouse's error when Chromium gave it no trace, and how often a page is tried."""
MOST_SECONDS = 240
"""Limit for one page: Lighthouse loads it more than once."""


def scores(url: str, cookie: str, chromium: str) -> tuple[Mapping[str, int], list[str]]:
    """A page's score in each category, 0 to 100, and the audits that cost it points."""
    flags = ["--headless=new", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with tempfile.TemporaryDirectory() as folder:
        report, headers = Path(folder, "report.json"), Path(folder, "headers.json")
        headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}), encoding="utf-8")
        run_until_traced(
            [
                *("npx", "--yes", f"lighthouse@{VERSION}", url, "--quiet"),
                *("--output", "json", "--output-path", str(report)),
                *("--only-categories", ",".join(CATEGORIES)),
                *("--extra-headers", str(headers), f"--chrome-flags={' '.join(flags)}"),
            ],
            {**os.environ, "CHROME_PATH": chromium},
        )
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    categories = found["categories"]
    costly = {
        reference["id"]
        for category in CATEGORIES
        for reference in categories[category]["auditRefs"]
        if reference["weight"] and (found["audits"][reference["id"]]["score"] or 0) < 0.9
        if found["audits"][reference["id"]]["scoreDisplayMode"] in {"binary", "numeric"}
    }
    return {name: round(100 * categories[name]["score"]) for name in CATEGORIES}, sorted(costly)


def run_until_traced(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run Lighthouse; try again if it reports that Chromium gave it no trace of the page."""
    for tries_left in reversed(range(TRACES)):
        done = subprocess.run(
            command,
            env=environment,
            check=False,
            timeout=MOST_SECONDS,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode == 0:
            return
        if not tries_left or NO_TRACE not in done.stderr:
            raise RuntimeError(done.stderr)


def main() -> None:
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    chromium = executable(os.environ.get("CHROMIUM_PATH", ""), own) or own
    print(f"Lighthouse {VERSION}, mobile; the goal is {GOAL} or more")
    print(f"{'page':24}" + "".join(f"{name:>16}" for name in CATEGORIES))
    with server() as stack:
        [session] = make(stack, "make_leaders(1, 5000)")
        start_web(stack)
        for name, (path, logged_in) in PAGES.items():
            cookie = f"{COOKIE}={session}" if logged_in else ""
            found, costly = scores(stack.web_url + path, cookie, chromium)
            figures = "".join(f"{found[category]:16}" for category in CATEGORIES)
            print(f"{name:24}{figures}  {', '.join(costly)}", flush=True)


if __name__ == "__main__":
    main()
