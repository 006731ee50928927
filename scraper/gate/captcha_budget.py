"""The daily limit of captcha purchases, counted in one row for all processes and hosts.

A permit is taken by one conditional UPDATE before each purchase, so that no two workers can both
take the last one, and given back if the service certainly did not accept the captcha.
"""

from datetime import UTC, date, datetime, time, timedelta

from django.db.models import F
from django.utils import timezone

from scraper.gate.visits import database_now
from scraper.models import CaptchaDay


def today() -> date:
    """The calendar day in TIME_ZONE, by the clock that all workers share."""
    return timezone.localdate(datetime.fromtimestamp(database_now(), UTC))


def next_day_begins(day: date) -> datetime:
    """Midnight after `day`, in TIME_ZONE."""
    midnight = datetime.combine(day + timedelta(days=1), time.min)
    return timezone.make_aware(midnight)


def take(day: date, limit: int) -> bool:
    """Take a permit to buy one captcha on `day`; False if `limit` of them are taken.

    A `limit` of 0 means no limit; permits are counted all the same.
    """
    CaptchaDay.objects.get_or_create(day=day)
    rows = CaptchaDay.objects.filter(day=day)
    if limit:
        rows = rows.filter(taken__lt=limit)
    return bool(rows.update(taken=F("taken") + 1))


def give_back(day: date) -> None:
    """Return a permit that bought nothing to the day from which it was taken."""
    CaptchaDay.objects.filter(day=day, taken__gt=0).update(taken=F("taken") - 1)


def note_bought(day: date) -> None:
    """Count a captcha that the service accepted."""
    CaptchaDay.objects.filter(day=day).update(bought=F("bought") + 1)


def is_spent(day: date, limit: int) -> bool:
    """True if no permit is left on `day`."""
    return limit > 0 and CaptchaDay.objects.filter(day=day, taken__gte=limit).exists()
