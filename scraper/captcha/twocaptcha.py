"""2captcha, by its official client.

Three parts are ours: the HTTP calls (the client's have no timeouts and support https only), the
polling (the client's counts whole seconds and gives up a paid captcha at the first bad gateway),
and the errors (the client has two classes of each name).
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from math import floor
from typing import Any, assert_never

from twocaptcha import TwoCaptcha  # type: ignore[import-untyped]
from twocaptcha.exceptions import api as raised_by_api  # type: ignore[import-untyped]
from twocaptcha.exceptions import solver as raised_by_solver

from scraper.captcha.budget import Budget, Permit
from scraper.captcha.http import NotSent, ServiceClient
from scraper.captcha.solver import Captcha, Recaptcha, Solved
from scraper.config import SolverConfig
from scraper.errors import CaptchaFailed, ScraperError, SolverKeyRejected, SolverOutOfFunds

logger = logging.getLogger(__name__)

SUBMIT_AGAIN = 2
"""Retries of a captcha that the service certainly did not accept."""

OUT_OF_FUNDS = frozenset({"ERROR_ZERO_BALANCE"})
KEY_REJECTED = frozenset(
    {
        "ERROR_WRONG_USER_KEY",
        "ERROR_KEY_DOES_NOT_EXIST",
        "ERROR_IP_NOT_ALLOWED",
        "ERROR_ACCOUNT_SUSPENDED",
        "IP_BANNED",
    }
)
NO_WORKER_FREE = "ERROR_NO_SLOT_AVAILABLE"
ERROR_CODE = re.compile(r"\b(?:ERROR|IP|MAX)_[A-Z_]+|ERROR: ?\d+")

NETWORK_TROUBLE = (raised_by_api.NetworkException, raised_by_solver.NetworkException)
"""The second class also means "not ready yet"."""
REFUSAL = (raised_by_api.ApiException, raised_by_solver.ApiException)


class TwoCaptchaSolver:
    """Buys tokens, `at_once` of them at a time, each with a permit of `budget`."""

    def __init__(self, config: SolverConfig, at_once: int, budget: Budget) -> None:
        self._budget = budget
        self._polling_seconds = config.polling_seconds
        self._client: Any = TwoCaptcha(config.api_key)
        threads = at_once + 1  # one more, for reports
        self._client.api_client = ServiceClient(config.url, threads)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="captcha")

    async def solve(
        self, captcha: Captcha, within_seconds: float, on_accepted: Callable[[], None]
    ) -> Solved:
        """See CaptchaSolver. Ends within `within_seconds`, plus the time of a running call."""
        ends_at = asyncio.get_running_loop().time() + within_seconds
        permit = await self._budget.take()
        captcha_id = await self._submit(captcha, ends_at, permit)
        self._budget.note_bought(permit)
        on_accepted()
        return Solved(await self._token(captcha_id, ends_at), captcha_id)

    async def report(self, captcha_id: str, *, is_good: bool) -> None:
        """See CaptchaSolver. A report that fails is logged."""
        try:
            await self._text(self._client.report, captcha_id, is_good)
        except (*NETWORK_TROUBLE, *REFUSAL) as problem:
            logger.warning("Captcha %s could not be reported: %s", captcha_id, problem)

    def close(self) -> None:
        """See CaptchaSolver. A running call ends by its own timeouts."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _submit(self, captcha: Captcha, ends_at: float, permit: Permit) -> str:
        """Submit the captcha; return the service's id of it.

        Submitted again only if the service cannot have accepted it, as each acceptance is paid. The
        permit is given back only then, too.
        """
        retries_left = SUBMIT_AGAIN
        while True:
            try:
                return await self._text(self._client.send, **_question(captcha))
            except (NotSent, *REFUSAL) as problem:
                may_help = isinstance(problem, NotSent) or _code(problem) == NO_WORKER_FREE
                again_at = asyncio.get_running_loop().time() + self._polling_seconds
                if not may_help or not retries_left or again_at >= ends_at:
                    if isinstance(problem, NotSent) or ERROR_CODE.search(str(problem)):
                        self._budget.give_back(permit)
                    raise _failure(problem) from None
            except NETWORK_TROUBLE as problem:
                raise _failure(problem) from None
            retries_left -= 1
            await asyncio.sleep(self._polling_seconds)

    async def _token(self, captcha_id: str, ends_at: float) -> str:
        """Poll for the token at every full polling interval, and a last time when time is up."""
        clock = asyncio.get_running_loop().time
        accepted_at = polled_at = clock()
        while True:
            due_at = next_poll_at(accepted_at, polled_at, clock(), self._polling_seconds)
            polled_at = min(due_at, ends_at)
            await asyncio.sleep(polled_at - clock())
            try:
                return await self._text(self._client.get_result, captcha_id)
            except NETWORK_TROUBLE as problem:
                if clock() >= ends_at:
                    raise CaptchaFailed(
                        f"The captcha service had no token in time. {problem}".rstrip()
                    ) from None
            except REFUSAL as problem:
                raise _failure(problem) from None

    async def _text(self, function: Callable[..., str], *values: object, **named: object) -> str:
        """Call a blocking method of the client on one of our threads."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: function(*values, **named))


def next_poll_at(accepted_at: float, polled_at: float, now: float, interval: float) -> float:
    """The next full interval after `accepted_at` that has not passed and was not polled at.

    Counted from there, so that answers that take their time make no later poll later.
    """
    passed = max(round((polled_at - accepted_at) / interval), floor((now - accepted_at) / interval))
    return accepted_at + (passed + 1) * interval


def _question(captcha: Captcha) -> Mapping[str, str | int]:
    match captcha:
        case Recaptcha():
            return {
                "method": "userrecaptcha",
                "version": "v2",
                "googlekey": captcha.site_key,
                "url": captcha.page_url,
                "invisible": int(captcha.is_invisible),
                "enterprise": int(captcha.is_enterprise),
            }
        case _:
            assert_never(captcha)


def _code(problem: Exception) -> str:
    """The service's error code; without one the message's start: it may be a whole web page."""
    match = ERROR_CODE.search(str(problem))
    return match.group() if match else str(problem)[:80]


def _failure(problem: Exception) -> ScraperError:
    if isinstance(problem, NETWORK_TROUBLE):
        return CaptchaFailed(str(problem))
    code = _code(problem)
    if code in OUT_OF_FUNDS:
        return SolverOutOfFunds(f"The account at the captcha service is empty ({code}).")
    if code in KEY_REJECTED:
        return SolverKeyRejected(f"The captcha service does not accept our key ({code}).")
    return CaptchaFailed(f"The captcha service did not solve the captcha ({code}).")
