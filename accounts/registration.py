"""Registration by the web form: rate-limited, and without revealing who has registered."""

from typing import Any

from django.http import HttpRequest

from accounts.consents import ClientDetails, set_messages
from accounts.http import client_address
from accounts.login import credentials, throttle
from accounts.models import CustomUser
from accounts.services import CedulaTaken, register_user


def register_or_recognise(
    request: HttpRequest, data: dict[str, Any], referrer: CustomUser | None
) -> tuple[CustomUser, bool]:
    """Return the account of the form's `data`, and True if it was created now.

    If the cédula has an account and the password is right, return that account, so that sending
    the form twice does no harm. If the password is wrong, raise CedulaTaken, after as much work as
    creating an account takes. Raise throttle.Locked after too many tries.
    """
    address = client_address(request)
    places = throttle.registration_counters(address)
    # Check before looking up the cédula: a refusal must not depend on whether it is taken.
    throttle.check([throttle.taken_cedulas_counter(address), *places])
    if CustomUser.objects.filter(cedula=data["cedula"]).exists():
        return _recognised(request, data), False
    throttle.take(places)
    try:
        return _made(request, data, referrer), True
    except CedulaTaken:  # by a concurrent request, most likely the same form sent twice
        throttle.give_back(places)
        return _recognised(request, data), False


def _made(request: HttpRequest, data: dict[str, Any], referrer: CustomUser | None) -> CustomUser:
    evidence = ClientDetails.from_request(request)
    person = register_user(
        data["cedula"],
        password=data["password1"],
        referred_by=referrer,
        evidence=evidence,
        **{name: data[name] for name in CustomUser.OWN_FIELDS},
    )
    if data["messages_accepted"]:
        set_messages(person, evidence, accepted=True)
    return person


def _recognised(request: HttpRequest, data: dict[str, Any]) -> CustomUser:
    user = credentials.check_login(request, data["cedula"], data["password1"])
    if user is None:
        throttle.count_taken_cedula(data["cedula"], client_address(request))
        raise CedulaTaken
    return user
