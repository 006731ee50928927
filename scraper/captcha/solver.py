"""A captcha, and the interface of what solves it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from scraper.errors import CaptchaInTheWay


@dataclass(frozen=True, slots=True)
class Recaptcha:
    """A reCAPTCHA v2 on a page. Equal ones accept each other's tokens."""

    site_key: str
    page_url: str
    is_invisible: bool = False
    is_enterprise: bool = False


Captcha = Recaptcha
"""The kinds that can be solved."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A token, good for one question, and the service's id of its captcha."""

    token: str = field(repr=False)
    captcha_id: str


class CaptchaSolver(Protocol):
    """Turns captchas into tokens."""

    async def solve(
        self, captcha: Captcha, within_seconds: float, on_accepted: Callable[[], None]
    ) -> Solved:
        """Return a fresh token.

        `on_accepted` is called when the service accepts the captcha: from then on it costs money.
        Raises CaptchaFailed, CaptchaInTheWay, SolverOutOfFunds, SolverKeyRejected or
        SolverLimitReached.
        """

    async def report(self, captcha_id: str, *, is_good: bool) -> None:
        """Tell the service whether the page accepted the token; never raises."""

    def close(self) -> None:
        """Give up all running calls; does not block."""


class NullSolver:
    """Solves nothing: every captcha ends the lookup."""

    async def solve(
        self,
        captcha: Captcha,  # noqa: ARG002  the protocol has them
        within_seconds: float,  # noqa: ARG002
        on_accepted: Callable[[], None],  # noqa: ARG002
    ) -> NoReturn:
        raise CaptchaInTheWay(
            "The page asks for a captcha, and no service that solves one is switched on"
            " (CAPTCHA_SOLVER is none)."
        )

    async def report(self, captcha_id: str, *, is_good: bool) -> None:
        """Do nothing: nothing was solved."""

    def close(self) -> None:
        """Do nothing."""
