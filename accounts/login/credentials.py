"""Check passwords, within the rate limits."""

from django.contrib.auth import authenticate
from django.http import HttpRequest

from accounts.http import client_address
from accounts.identity import cedula as cedulas
from accounts.login import known_device, throttle
from accounts.models import CustomUser


def check_login(request: HttpRequest, username: str, password: str) -> CustomUser | None:
    """Return the person if cédula and password are right, or None. Raise throttle.Locked.

    An invalid cédula, or one without an account, counts and takes as long as any other.
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
    # Clear the first alone: a right password does not undo guesses that others made.
    throttle.give_back(counters[1:])
    counters[0].clear()
    return user


def confirm_password(user: CustomUser, password: str) -> bool:
    """True if `password` is that of `user`, who is logged in. Raise throttle.Locked.

    For actions that a session alone must not allow, such as a new password or erasure.
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
