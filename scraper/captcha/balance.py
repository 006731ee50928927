"""The balance of our account at the captcha service."""

import math

from twocaptcha.exceptions.api import (  # type: ignore[import-untyped]
    ApiException,
    NetworkException,
)

from scraper.captcha.http import ServiceClient
from scraper.config import SolverConfig


class BalanceUnknown(Exception):
    """The service reported no balance; the message says why, without the key."""


def ask_balance(config: SolverConfig) -> float:
    """Return the account's balance in US$, or raise BalanceUnknown. Blocks for 15 s at most."""
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
