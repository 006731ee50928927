"""Rate limits on tries, by account, by address, or by both together.

A try counts before the slow work begins, and is given back if it was no failure. So the limit is
exact over all processes: a hundred guesses sent at once count as a hundred.
"""

import ipaddress
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import ThrottleCounter

logger = logging.getLogger(__name__)

TOO_MANY_TRIES = "Hubo demasiados intentos. Espera {wait} y vuelve a intentarlo."
TOO_MANY_REGISTRATIONS = (
    "Desde esta conexión se han hecho demasiados registros. Espera {wait} o, si estás en un wifi,"
    " prueba con los datos de tu celular."
)


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` tries in a window that begins with the first of them and is not prolonged."""

    name: str
    most: int
    window: timedelta
    sentence: str = TOO_MANY_TRIES


QUARTER = timedelta(minutes=15)
SKEW = timedelta(minutes=1)
"""The most by which the clocks of web servers may differ."""

LOGIN_BY_PAIR = Limit("login: account and address", 5, QUARTER)
"""Enough to remember which password it is; 480 guesses a day."""
LOGIN_BY_ACCOUNT = Limit("login: account", 30, QUARTER)
"""Against guesses at one account from many addresses."""
LOGIN_BY_ADDRESS = Limit("login: address", 300, QUARTER)
"""Against guesses at many accounts. High, because two hundred people at a rally share an address,
and the typing errors of some must not lock out the others."""
LOGIN_BY_KNOWN_DEVICE = Limit("login: known device", 10, QUARTER)
"""Instead of these three, if the browser has logged in to the account before."""
PASSWORD_BY_ACCOUNT = Limit("own password", 10, QUARTER)
"""For a logged-in person, who may be a stranger holding an unlocked phone."""
CODE_BY_ACCOUNT = Limit("one-time code", 10, QUARTER)
"""Three in a million codes are valid at a time, and only who knew the password gets here."""
SAME_TAKEN_CEDULA = Limit("registration: the same taken cédula", 1, timedelta(hours=1))
"""A person who forgot their registration and retries counts as one cédula."""


class Locked(ValueError):
    """Too many tries. The message is a sentence in Spanish with the time to wait."""

    def __init__(self, limit: Limit, seconds: int) -> None:
        self.seconds = seconds
        """Seconds until the next try, at least 1."""
        super().__init__(limit.sentence.format(wait=wait_in_words(seconds)))


@dataclass(frozen=True, slots=True)
class Counter:
    """The tries of one account, address or pair under one limit."""

    limit: Limit
    key: str

    @classmethod
    def of(cls, limit: Limit, *who: str) -> "Counter":
        """The counter of `who`. Its key is a keyed hash, which does not reveal them."""
        words = "\n".join((limit.name, *who))
        return cls(
            limit, salted_hmac("accounts.login.throttle", words, algorithm="sha256").hexdigest()
        )

    def take(self) -> bool:
        """Count one try. False if the limit is reached."""
        now = timezone.now()
        while not self._live(now).filter(count__lt=self.limit.most).update(count=F("count") + 1):
            # Check that it is full: another process may just have begun the window.
            if self._live(now).filter(count__gte=self.limit.most).exists():
                return False
            self._begin(now)
        return True

    def give_back(self) -> None:
        """Uncount one try that was no failure."""
        self._live(timezone.now()).filter(count__gt=0).update(count=F("count") - 1)

    def clear(self) -> None:
        ThrottleCounter.objects.filter(key=self.key).delete()

    def seconds_left(self) -> int:
        """Seconds until the next try is allowed; 0 if it is now."""
        now = timezone.now()
        full = self._live(now).filter(count__gte=self.limit.most)
        ends = full.values_list("expires_at", flat=True).first()
        return math.ceil((ends - now).total_seconds()) if ends else 0

    def _live(self, now: datetime) -> QuerySet[ThrottleCounter]:
        return ThrottleCounter.objects.filter(
            key=self.key, expires_at__gt=now, expires_at__lte=self._latest_end(now)
        )

    def _latest_end(self, now: datetime) -> datetime:
        """The latest end of a window. A later one means that the clock was set back since."""
        return now + self.limit.window + SKEW

    def _begin(self, now: datetime) -> None:
        """Begin a window unless another process has just done so, and delete expired ones."""
        ThrottleCounter.objects.filter(expires_at__lte=now).delete()
        own = ThrottleCounter.objects.filter(key=self.key)
        own.filter(expires_at__gt=self._latest_end(now)).delete()
        begun = ThrottleCounter(key=self.key, count=0, expires_at=now + self.limit.window)
        ThrottleCounter.objects.bulk_create([begun], ignore_conflicts=True)


def take(counters: Sequence[Counter]) -> None:
    """Count a try in all counters, or raise Locked and count it in none."""
    taken: list[Counter] = []
    for counter in counters:
        if not counter.take():
            give_back(taken)
            raise _locked(counter, counters)
        taken.append(counter)


def give_back(counters: Sequence[Counter]) -> None:
    for counter in counters:
        counter.give_back()


def check(counters: Sequence[Counter]) -> None:
    """Raise Locked if a counter has reached its limit. Count nothing."""
    for counter in counters:
        if counter.seconds_left():
            raise _locked(counter, counters)


def _locked(full: Counter, counters: Sequence[Counter]) -> Locked:
    logger.info("No more tries for now (%s).", full.limit.name)
    # At least 1: the window may have ended since.
    return Locked(full.limit, max(1, *(counter.seconds_left() for counter in counters)))


# --- Which counters ------------------------------------------------------------------------------


def login_counters(account: str, address: str) -> list[Counter]:
    """The counters of a login from an unknown browser. The first is that of account and address."""
    network = network_of(address)
    return [
        Counter.of(LOGIN_BY_PAIR, account, network),
        Counter.of(LOGIN_BY_ACCOUNT, account),
        Counter.of(LOGIN_BY_ADDRESS, network),
    ]


def registration_counters(address: str) -> list[Counter]:
    """The counters of registrations from an address."""
    network = network_of(address)
    most = settings.THROTTLE_REGISTRATIONS_PER_ADDRESS
    most_a_day = settings.THROTTLE_REGISTRATIONS_PER_ADDRESS_PER_DAY
    limits = (
        Limit("registration", most, timedelta(minutes=10), TOO_MANY_REGISTRATIONS),
        Limit("registration: a day", most_a_day, timedelta(days=1), TOO_MANY_REGISTRATIONS),
    )
    return [Counter.of(limit, network) for limit in limits]


def taken_cedulas_counter(address: str) -> Counter:
    """The counter of registrations from an address with a cédula that has an account already.

    Its limit stops all registrations from there, because it is reached by probing who has
    registered: refusing only taken cédulas would answer that question.
    """
    limit = Limit(
        "registration: taken cédulas",
        settings.THROTTLE_TAKEN_CEDULAS_PER_ADDRESS,
        timedelta(hours=1),
        TOO_MANY_REGISTRATIONS,
    )
    return Counter.of(limit, network_of(address))


def count_taken_cedula(cedula: str, address: str) -> None:
    """Count that `cedula`, which has an account, was tried from `address`; once an hour each."""
    if Counter.of(SAME_TAKEN_CEDULA, cedula, network_of(address)).take():
        taken_cedulas_counter(address).take()


def network_of(address: str) -> str:
    """The network to count by: an IPv6 address's /64, which one customer has, or the address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:  # a request over a Unix socket
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def wait_in_words(seconds: int) -> str:
    """A duration in Spanish, rounded up: "40 segundos", "15 minutos", "3 horas"."""
    if seconds < 60:
        return "1 segundo" if seconds == 1 else f"{seconds} segundos"
    minutes = math.ceil(seconds / 60)
    if minutes < 120:
        return "1 minuto" if minutes == 1 else f"{minutes} minutos"
    return f"{math.ceil(seconds / 3600)} horas"
