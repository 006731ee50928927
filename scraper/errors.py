"""Errors that keep a lookup from its answer. None of them is an answer.

`census/lookups/retry.py` decides what follows each of them.
"""


class ScraperError(Exception):
    """A lookup ended without an answer.

    `page_text` is the text that the page showed, trimmed and with cédulas masked; '' if there was
    none of use.
    """

    def __init__(self, message: str, *, page_text: str = "") -> None:
        super().__init__(message)
        self.page_text = page_text


class SiteTimeout(ScraperError):
    """The page or its answer did not come in time."""


class SiteBlocked(ScraperError):
    """The firewall in front of the census refused us, whatever the HTTP status said."""


class SiteUnavailable(ScraperError):
    """The census cannot answer now: unreachable, 5xx, maintenance, upstream or session trouble."""


class CaptchaFailed(ScraperError):
    """The captcha service did not deliver a token: unsolvable, too slow, unreachable."""


class CaptchaRejected(ScraperError):
    """The page refused the captcha's token, or said that it had expired."""


class CaptchaInTheWay(ScraperError):
    """The page asks for a captcha that we do not solve: no solver is on, or not for this kind."""


class SolverUnusable(ScraperError):
    """The captcha service will not work for us until the operator acts."""


class SolverOutOfFunds(SolverUnusable):
    """The account at the captcha service is empty."""


class SolverLimitReached(SolverUnusable):
    """Today's limit of captchas, which the operator sets, is reached."""


class SolverKeyRejected(SolverUnusable):
    """The captcha service does not accept our key, or has banned it."""


class UnknownPage(ScraperError):
    """The page or its answer is of no known shape. Never taken for an answer."""


class BrowserCrashed(ScraperError):
    """Chromium or its driver died or stopped responding during the lookup."""


class BrowserUnavailable(ScraperError):
    """No browser can be started on this machine: the site was not visited."""


class TurnMissed(ScraperError):
    """The browser was not ready in time for its slot at the gate: the site was not visited."""


class LookupCancelled(ScraperError):
    """The lookup's owner cancelled it, or the session is closing."""
