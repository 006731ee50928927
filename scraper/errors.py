"""Everything that can keep a lookup from its answer. None of these is an answer.

`census/lookups/retry.py` decides for each what follows; nothing here knows of retries.
"""


class ScraperError(Exception):
    """A lookup ended without an answer.

    `page_text` is what the page showed, trimmed and with the cédula masked; '' where nothing
    of use was seen.
    """

    def __init__(self, message: str, *, page_text: str = "") -> None:
        super().__init__(message)
        self.page_text = page_text


class SiteTimeout(ScraperError):
    """The page or its answer did not come in the time allowed."""


class SiteBlocked(ScraperError):
    """The firewall in front of the census turned us away, whatever the HTTP status said."""


class SiteUnavailable(ScraperError):
    """The census cannot answer now: unreachable, 5xx, maintenance, upstream or session trouble."""


class CaptchaFailed(ScraperError):
    """The captcha service did not deliver a token: unsolvable, too slow, unreachable."""


class CaptchaRejected(ScraperError):
    """The page did not accept the token that was paid for, or held it expired."""


class CaptchaInTheWay(ScraperError):
    """The page asks for a captcha that nobody here solves: no solver is on, or not of this kind."""


class SolverUnusable(ScraperError):
    """The captcha service will not work for us until the operator acts."""


class SolverOutOfFunds(SolverUnusable):
    """The account at the captcha service is empty."""


class SolverLimitReached(SolverUnusable):
    """As many captchas were bought today as the operator allows."""


class SolverKeyRejected(SolverUnusable):
    """The captcha service does not accept our key, or has banned it."""


class UnknownPage(ScraperError):
    """The page, or its answer, is not of a shape that we know. Never taken for an answer."""


class BrowserCrashed(ScraperError):
    """Chromium or its driver died or stopped responding under the lookup."""


class BrowserUnavailable(ScraperError):
    """No browser can be started on this machine: the site was not visited."""


class TurnMissed(ScraperError):
    """The browser was not ready in time for its slot at the gate: the site was not visited."""


class LookupCancelled(ScraperError):
    """The lookup was called off by whoever asked for it, or the session is closing."""
