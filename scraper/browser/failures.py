"""Translate Playwright's errors into the scraper's."""

import re

from playwright._impl._errors import TargetClosedError  # the one error class not exported
from playwright.async_api import Error as PlaywrightError

from scraper.errors import ScraperError, SiteTimeout, SiteUnavailable

_NETWORK_ERROR = re.compile(r"net::(ERR_[A-Z_0-9]+)")


def is_crash(error: PlaywrightError) -> bool:
    """True if the page, the browser or the driver is gone."""
    return isinstance(error, TargetClosedError) or "crashed" in first_line(error)


def network_failure(text: str) -> ScraperError | None:
    """The scraper's error for a `net::ERR_…` in `text`; None if there is none."""
    match = _NETWORK_ERROR.search(text)
    if match is None:
        return None
    if "TIMED_OUT" in match[1]:
        return SiteTimeout(f"The site did not answer in time ({match[1]}).")
    return SiteUnavailable(f"The site could not be reached ({match[1]}).")


def first_line(error: BaseException) -> str:
    """The message without Playwright's call log, which repeats what was typed into the page."""
    return str(error).partition("\n")[0]
