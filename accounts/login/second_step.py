"""The code of a phone after the password (TOTP), recovery codes, and who must have them."""

import math
from base64 import b32encode
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django_otp.models import Device, ThrottlingMixin
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.login import throttle
from accounts.models import CustomUser

TOTP_DIGITS = 6
RECOVERY_CODES = 10
PATIENCE_SECONDS = 5 * 60
"""Between password and code: time to find the phone, not to leave the page open for others."""
_SESSION_KEY = "second_step"


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody whose password was right, and whose code is still missing."""

    user_id: int
    proof: str
    """Their session hash: a password changed meanwhile ends the wait."""
    until: float
    remember_me: bool
    next_page: str


def is_on(user: CustomUser) -> bool:
    """Whether `user` is asked for a code at login."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def is_verified(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether this request's session was opened with a code; django-otp's middleware knows."""
    return getattr(user, "otp_device", None) is not None


def is_required_of(user: CustomUser) -> bool:
    """Whether the administration stays closed to `user` until a code has been given."""
    return bool(settings.REQUIRE_SUPERADMIN_TOTP) and (user.is_staff or user.is_superuser)


# --- Between password and code ------------------------------------------------------------------


def wait_for_code(
    request: HttpRequest, user: CustomUser, *, remember_me: bool, next_page: str
) -> None:
    """Note in the session, which is nobody's yet, who has to give a code now."""
    until = timezone.now().timestamp() + PATIENCE_SECONDS
    pending = Pending(user.pk, user.get_session_auth_hash(), until, remember_me, next_page)
    request.session[_SESSION_KEY] = asdict(pending)


def pending_login(request: HttpRequest) -> tuple[CustomUser, Pending] | None:
    """Who has to give a code, and what they asked for; None where nobody has, or it took long."""
    noted = request.session.get(_SESSION_KEY)
    if noted is None:
        return None
    pending = Pending(**noted)
    user = CustomUser.objects.filter(pk=pending.user_id, is_active=True).first()
    if user is None or timezone.now().timestamp() > pending.until:
        return None
    is_same = constant_time_compare(pending.proof, user.get_session_auth_hash())
    return (user, pending) if is_same else None


def stop_waiting(request: HttpRequest) -> None:
    request.session.pop(_SESSION_KEY, None)


# --- Codes ---------------------------------------------------------------------------------------


def check_code(user: CustomUser, code: str) -> Device | None:
    """The device whose code this is, which is used up by it; raises throttle.Locked."""
    counter = throttle.Counter.of(throttle.CODE_BY_ACCOUNT, str(user.pk))
    throttle.take([counter])
    try:
        device = _use(_device_for(user, code), code)
    except throttle.Locked:
        counter.give_back()
        raise
    if device is not None:
        counter.clear()
    return device


def _device_for(user: CustomUser, code: str) -> Any:
    """The device that gives codes of this shape: asking the other would count as its failure."""
    model = TOTPDevice if len(code) == TOTP_DIGITS else StaticDevice
    return model.objects.filter(user=user, confirmed=True)


def _use(devices: Any, code: str) -> Device | None:
    """The one device, where it takes the code; the row is locked, so no code counts twice."""
    with transaction.atomic():
        device = devices.select_for_update().first()
        if device is None:
            return None
        _check_backoff(device)
        return device if device.verify_token(code) else None


def _check_backoff(device: ThrottlingMixin) -> None:
    """Raise Locked where django-otp makes the device wait: 1, 2, 4, 8 … s after each failure.

    It would refuse a right code in that time, and say nothing.
    """
    is_allowed, details = device.verify_is_allowed()
    if not is_allowed:
        left = (details["locked_until"] - timezone.now()).total_seconds()
        raise throttle.Locked(throttle.CODE_BY_ACCOUNT, max(1, math.ceil(left)))


# --- Switching it on and off --------------------------------------------------------------------


def device_to_confirm(user: CustomUser) -> TOTPDevice:
    """The device that `user` is setting up: the same secret until it is confirmed."""
    waiting = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return waiting or TOTPDevice.objects.create(user=user, confirmed=False, name="Celular")


def confirm_device(user: CustomUser, code: str) -> TOTPDevice | None:
    """The device, confirmed, where the code is its own; raises throttle.Locked."""
    device = _use(TOTPDevice.objects.filter(user=user, confirmed=False), code)
    if not isinstance(device, TOTPDevice):
        return None
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
        device.confirmed = True
        device.save(update_fields=["confirmed"])
    return device


def new_recovery_codes(user: CustomUser) -> list[str]:
    """Ten codes, each for one login without the phone; the older ones are void."""
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        # The same device, where there is one: sessions may have been opened with its codes.
        device, _ = StaticDevice.objects.get_or_create(user=user)
        device.token_set.all().delete()
        StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def recovery_codes_left(user: CustomUser) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


def switch_off(user: CustomUser) -> bool:
    """Ask `user` for no code any more; False where they were not asked for one."""
    StaticDevice.objects.filter(user=user).delete()
    deleted, _ = TOTPDevice.objects.filter(user=user).delete()
    return bool(deleted)


def manual_secret(device: TOTPDevice) -> str:
    """The secret as it is typed into an app, in groups of four."""
    secret = b32encode(device.bin_key).decode()
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
