"""The retry policy: decides what follows from a failed attempt. Pure: no clock, no database."""

from collections.abc import Sequence
from dataclasses import dataclass

from census.states import Status
from scraper import errors
from scraper.errors import ScraperError


@dataclass(frozen=True, slots=True)
class Again:
    """Another attempt, this many seconds from now."""

    after_seconds: float


@dataclass(frozen=True, slots=True)
class Over:
    """No further automatic attempt; the row ends in this status, and a person may ask again."""

    status: Status


@dataclass(frozen=True, slots=True)
class NotCounted:
    """The site was not asked, for reasons outside the row: it waits as if never claimed."""


Decision = Again | Over | NotCounted

FINAL_STATUS: dict[type[ScraperError], Status] = {
    errors.SiteTimeout: Status.TIMEOUT,
    errors.SiteBlocked: Status.BLOCKED,
}
"""The final status after the last attempt, by its error; ERROR if it is not listed."""

HOPELESS = (errors.UnknownPage, errors.CaptchaInTheWay)
"""A minute changes neither the page nor the operator's settings, and asking may cost a captcha."""

NOT_THE_ROWS_FAULT = (
    errors.SolverUnusable,
    errors.BrowserUnavailable,
    errors.TurnMissed,
    errors.LookupCancelled,
)
"""These burn no attempt: the captcha account is empty, this machine's disk is full or its Chromium
gone, the slot was missed, the worker stops."""


def decide(error: ScraperError, attempts: int, delays: Sequence[float]) -> Decision:
    """Decide what follows from `error` at attempt number `attempts` (1 is the first).

    `delays` are the seconds before the second, third, … attempt: `len(delays) + 1` attempts.
    """
    if isinstance(error, NOT_THE_ROWS_FAULT):
        return NotCounted()
    if isinstance(error, HOPELESS) or attempts > len(delays):
        return Over(FINAL_STATUS.get(type(error), Status.ERROR))
    if isinstance(error, errors.BrowserCrashed):
        return Again(0.0)  # nothing to wait for: the browser is ours and is restarted
    return Again(delays[max(attempts, 1) - 1])
