"""How often something may be tried: by an account, an address, or both together.

A try takes its place before the slow work begins, and gives it back where it was no failure. So
the limit holds exactly, over all processes: a hundred guesses sent at once are a hundred places.
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
    """So many tries in a window, which begins with the first of them and is not prolonged."""

    name: str
    most: int
    window: timedelta
    sentence: str = TOO_MANY_TRIES


QUARTER = timedelta(minutes=15)
SKEW = timedelta(minutes=1)
"""What the clocks of web servers may differ by."""

LOGIN_BY_PAIR = Limit("login: account and address", 5, QUARTER)
"""Enough to remember which of one's passwords it is; 480 guesses a day."""
LOGIN_BY_ACCOUNT = Limit("login: account", 30, QUARTER)
"""For guesses at one account from many addresses."""
LOGIN_BY_ADDRESS = Limit("login: address", 300, QUARTER)
"""For guesses at many accounts. High, because a rally's two hundred people share an address, and
some mistype: they must not lock each other out."""
LOGIN_BY_KNOWN_DEVICE = Limit("login: known device", 10, QUARTER)
"""In place of all three where the account was entered from this browser before."""
PASSWORD_BY_ACCOUNT = Limit("own password", 10, QUARTER)
"""Of somebody who is logged in, and perhaps only holds a phone that was left open."""
CODE_BY_ACCOUNT = Limit("one-time code", 10, QUARTER)
"""Of a million, three are right at a time; and who is asked for one knew the password."""
SAME_TAKEN_CEDULA = Limit("registration: the same taken cédula", 1, timedelta(hours=1))
"""Somebody who forgot that they had registered tries again and again: that is one cédula."""


class Locked(ValueError):
    """No more tries for now; the message is a sentence in Spanish that says how long."""

    def __init__(self, limit: Limit, seconds: int) -> None:
        self.seconds = seconds
        """Until the next try, at least 1."""
        super().__init__(limit.sentence.format(wait=wait_in_words(seconds)))


@dataclass(frozen=True, slots=True)
class Counter:
    """The tries of one account, address or pair of them under one limit."""

    limit: Limit
    key: str

    @classmethod
    def of(cls, limit: Limit, *who: str) -> "Counter":
        """The counter of `who`, whom its key does not tell."""
        words = "\n".join((limit.name, *who))
        return cls(
            limit, salted_hmac("accounts.login.throttle", words, algorithm="sha256").hexdigest()
        )

    def take(self) -> bool:
        """Take one place; False where there is none."""
        now = timezone.now()
        while not self._live(now).filter(count__lt=self.limit.most).update(count=F("count") + 1):
            # Full, and not only there: another process may just have begun the window.
            if self._live(now).filter(count__gte=self.limit.most).exists():
                return False
            self._begin(now)
        return True

    def give_back(self) -> None:
        """Make a place free that was taken for what was no failure."""
        self._live(timezone.now()).filter(count__gt=0).update(count=F("count") - 1)

    def clear(self) -> None:
        ThrottleCounter.objects.filter(key=self.key).delete()

    def seconds_left(self) -> int:
        """Until there is a place: 0 where there is one."""
        now = timezone.now()
        full = self._live(now).filter(count__gte=self.limit.most)
        ends = full.values_list("expires_at", flat=True).first()
        return math.ceil((ends - now).total_seconds()) if ends else 0

    def _live(self, now: datetime) -> QuerySet[ThrottleCounter]:
        return ThrottleCounter.objects.filter(
            key=self.key, expires_at__gt=now, expires_at__lte=self._latest_end(now)
        )

    def _latest_end(self, now: datetime) -> datetime:
        """When a window ends at the latest; later, and the clock was set back since it began."""
        return now + self.limit.window + SKEW

    def _begin(self, now: datetime) -> None:
        """Begin a window, unless another process just did; sweep out those that are over."""
        ThrottleCounter.objects.filter(expires_at__lte=now).delete()
        own = ThrottleCounter.objects.filter(key=self.key)
        own.filter(expires_at__gt=self._latest_end(now)).delete()
        begun = ThrottleCounter(key=self.key, count=0, expires_at=now + self.limit.window)
        ThrottleCounter.objects.bulk_create([begun], ignore_conflicts=True)


def take(counters: Sequence[Counter]) -> None:
    """Take a place in each counter; raises Locked, with none taken, where one has none."""
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
    """Raise Locked where a counter has no place, and take none."""
    for counter in counters:
        if counter.seconds_left():
            raise _locked(counter, counters)


def _locked(full: Counter, counters: Sequence[Counter]) -> Locked:
    logger.info("No more tries for now (%s).", full.limit.name)
    # At least 1: the window may have ended since.
    return Locked(full.limit, max(1, *(counter.seconds_left() for counter in counters)))


# --- Whose tries ---------------------------------------------------------------------------------


def login_counters(account: str, address: str) -> list[Counter]:
    """Of a login from a browser that `account` was not entered from before; the pair's first."""
    network = network_of(address)
    return [
        Counter.of(LOGIN_BY_PAIR, account, network),
        Counter.of(LOGIN_BY_ACCOUNT, account),
        Counter.of(LOGIN_BY_ADDRESS, network),
    ]


def registration_counters(address: str) -> list[Counter]:
    """Of the accounts that are made from an address."""
    network = network_of(address)
    most, most_a_day = (
        settings.THROTTLE_REGISTRATIONS_PER_ADDRESS,
        settings.THROTTLE_REGISTRATIONS_PER_ADDRESS_PER_DAY,
    )
    limits = (
        Limit("registration", most, timedelta(minutes=10), TOO_MANY_REGISTRATIONS),
        Limit("registration: a day", most_a_day, timedelta(days=1), TOO_MANY_REGISTRATIONS),
    )
    return [Counter.of(limit, network) for limit in limits]


def taken_cedulas_counter(address: str) -> Counter:
    """Of the cédulas tried from an address that have an account already.

    Whoever fills it finds out who is registered, so it closes the registration as a whole: were
    only taken cédulas refused, the refusal would tell.
    """
    limit = Limit(
        "registration: taken cédulas",
        settings.THROTTLE_TAKEN_CEDULAS_PER_ADDRESS,
        timedelta(hours=1),
        TOO_MANY_REGISTRATIONS,
    )
    return Counter.of(limit, network_of(address))


def count_taken_cedula(cedula: str, address: str) -> None:
    """Note that `cedula`, which has an account, was tried from `address`: once an hour each."""
    if Counter.of(SAME_TAKEN_CEDULA, cedula, network_of(address)).take():
        taken_cedulas_counter(address).take()


def network_of(address: str) -> str:
    """The address as it is counted: of an IPv6 address the /64, which is one customer's."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket has none
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def wait_in_words(seconds: int) -> str:
    """How long, never too short: "40 segundos", "15 minutos", "3 horas"."""
    if seconds < 60:
        return "1 segundo" if seconds == 1 else f"{seconds} segundos"
    minutes = math.ceil(seconds / 60)
    if minutes < 120:
        return "1 minuto" if minutes == 1 else f"{minutes} minutos"
    return f"{math.ceil(seconds / 3600)} horas"
