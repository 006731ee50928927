"""Registration from the outside: no more often than is allowed, and telling little."""

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
    """Whose account the form's `data` names, and whether it was made just now.

    Who has an account, and types its password, is recognised: a form that was sent twice does no
    harm. Otherwise raises CedulaTaken, after as much work as a new account takes; or
    throttle.Locked.
    """
    address = client_address(request)
    places = throttle.registration_counters(address)
    # Before it is known whether the cédula is taken: a refusal must not depend on that.
    throttle.check([throttle.taken_cedulas_counter(address), *places])
    if CustomUser.objects.filter(cedula=data["cedula"]).exists():
        return _recognised(request, data), False
    throttle.take(places)
    try:
        return _made(request, data, referrer), True
    except CedulaTaken:  # by somebody who was faster, most likely the same form sent twice
        throttle.give_back(places)
        return _recognised(request, data), False


def _made(request: HttpRequest, data: dict[str, Any], referrer: CustomUser | None) -> CustomUser:
    evidence = ClientDetails.from_request(request)
    person = register_user(
        data["cedula"],
        data["nombre_completo"],
        data["phone"],
        data["password1"],
        referrer,
        evidence=evidence,
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
