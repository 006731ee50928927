"""Whether somebody is who they say: by cédula and password, and no more often than is allowed."""

from django.contrib.auth import authenticate
from django.http import HttpRequest

from accounts.http import client_address
from accounts.identity import cedula as cedulas
from accounts.login import known_device, throttle
from accounts.models import CustomUser


def check_login(request: HttpRequest, username: str, password: str) -> CustomUser | None:
    """Who it is, where cédula and password are right; raises throttle.Locked.

    What is no cédula, and a cédula without an account, is counted and takes as long as any other.
    """
    account = _account(username)
    device = known_device.device_of(request, account)
    if device:
        counters = [throttle.Counter.of(throttle.LOGIN_BY_KNOWN_DEVICE, account, device)]
    else:
        counters = throttle.login_counters(account, client_address(request))
    throttle.take(counters)
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, CustomUser):
        return None
    # Not the account's and the address's: a right password does not undo others' guesses.
    throttle.give_back(counters[1:])
    counters[0].clear()
    return user


def confirm_password(user: CustomUser, password: str) -> bool:
    """Whether `password` is `user`'s, who is logged in; raises throttle.Locked.

    For what a session alone must not be enough for: a new password, the account's deletion.
    """
    counter = throttle.Counter.of(throttle.PASSWORD_BY_ACCOUNT, str(user.pk))
    throttle.take([counter])
    if not user.check_password(password):
        return False
    counter.clear()
    return True


def _account(username: str) -> str:
    try:
        return cedulas.normalise(username)
    except cedulas.InvalidCedula:
        return username.strip()
