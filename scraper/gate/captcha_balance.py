"""The balance of the account at the captcha service, asked by one worker for all.

The time of the last question is set by one conditional UPDATE, so of several clusters one asks.
"""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from scraper.from_settings import config_from_settings
from scraper.models import CaptchaAccount

EVERY = timedelta(minutes=5)
SOON = timedelta(minutes=1)
"""Wait after the service refused us, or an operator ended a pause."""


def begin_asking(now: datetime) -> bool:
    """True if this process must ask the service now; no other one does then."""
    if config_from_settings().solver.kind == "none":
        return False
    due = CaptchaAccount.objects.filter(Q(asked_at=None) | Q(asked_at__lte=now - EVERY), pk=1)
    if not due.exists():  # called every few seconds: a read is cheaper than an UPDATE
        _, is_new = CaptchaAccount.objects.get_or_create(pk=1)
        if not is_new:
            return False
    return bool(due.update(asked_at=now))


def ask_soon() -> None:
    """Have the balance asked within SOON: it may have changed, or be looked at."""
    at = timezone.now() - EVERY + SOON
    CaptchaAccount.objects.filter(pk=1, asked_at__gt=at).update(asked_at=at)


def refresh() -> None:
    """Ask the service, and store the balance or the problem. Blocks; no fault of it is raised."""
    # Late: the web server and most commands never ask, and its client takes a fifth of their start.
    from scraper.captcha.balance import BalanceUnknown, ask_balance

    account = CaptchaAccount.objects.filter(pk=1)
    try:
        balance = ask_balance(config_from_settings().solver)
    except BalanceUnknown as problem:
        account.update(problem=str(problem))
        return
    account.update(balance=balance, answered_at=timezone.now(), problem="")
