"""How much money is left at the captcha service."""

import math

from twocaptcha.exceptions.api import (  # type: ignore[import-untyped]
    ApiException,
    NetworkException,
)

from scraper.captcha.http import ServiceClient
from scraper.config import SolverConfig


class BalanceUnknown(Exception):
    """The service told no balance; the message says why, without the key."""


def ask_balance(config: SolverConfig) -> float:
    """The account's balance in US$. Blocks for as long as the service takes, 15 s at the most.

    Raises BalanceUnknown.
    """
    client = ServiceClient(config.url, connections=1)
    try:
        text = client.res(key=config.api_key, action="getbalance")
    except (ApiException, NetworkException) as problem:
        raise BalanceUnknown(str(problem)[:80]) from None
    try:
        balance = float(text)
    except ValueError:
        balance = math.nan
    if not math.isfinite(balance):
        raise BalanceUnknown("The captcha service answered something that is no balance.")
    return balance
