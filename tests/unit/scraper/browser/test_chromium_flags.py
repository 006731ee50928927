"""The flags that Chromium is started with."""

import re
from pathlib import Path

import playwright

from scraper.browser import chromium


def test_what_playwright_turns_off_stays_off() -> None:
    """Our list replaces Playwright's own, which an upgrade may change."""
    bundle = Path(playwright.__file__).parent / "driver/package/lib/coreBundle.js"
    source = bundle.read_text(encoding="utf-8")
    (declared,) = re.findall(r"disabledFeatures = \[(.*?)\]\.filter", source, re.DOTALL)

    theirs = set(re.findall(r'^\s*"(\w+)",?$', declared, re.MULTILINE))

    assert theirs == set(chromium.PLAYWRIGHTS_DISABLED_FEATURES)
