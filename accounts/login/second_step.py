"""The second step of a login: TOTP codes, recovery codes, and who must have them."""

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
PENDING_SECONDS = 5 * 60
"""The most between password and code: time to find the phone, and no longer."""
_SESSION_KEY = "second_step"


@dataclass(frozen=True, slots=True)
class Pending:
    """A login with a right password that still lacks its code."""

    user_id: int
    proof: str
    """The user's session hash: changing the password ends the pending login."""
    until: float
    remember_me: bool
    next_page: str


def is_on(user: CustomUser) -> bool:
    """True if `user` has to give a code at login."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def is_verified(user: AbstractBaseUser | AnonymousUser) -> bool:
    """True if the session began with a code. django-otp's middleware sets the attribute."""
    return getattr(user, "otp_device", None) is not None


def is_required_of(user: CustomUser) -> bool:
    """True if `user` needs a code to enter the administration."""
    return bool(settings.REQUIRE_SUPERADMIN_TOTP) and (user.is_staff or user.is_superuser)


# --- Between password and code ------------------------------------------------------------------


def begin_pending(
    request: HttpRequest, user: CustomUser, *, remember_me: bool, next_page: str
) -> None:
    """Store in the session, which is still anonymous, who has to give a code."""
    until = timezone.now().timestamp() + PENDING_SECONDS
    pending = Pending(user.pk, user.get_session_auth_hash(), until, remember_me, next_page)
    request.session[_SESSION_KEY] = asdict(pending)


def pending_login(request: HttpRequest) -> tuple[CustomUser, Pending] | None:
    """The user who has to give a code, and their login; None if none is pending any more."""
    noted = request.session.get(_SESSION_KEY)
    if noted is None:
        return None
    pending = Pending(**noted)
    user = CustomUser.objects.filter(pk=pending.user_id, is_active=True).first()
    if user is None or timezone.now().timestamp() > pending.until:
        return None
    is_same = constant_time_compare(pending.proof, user.get_session_auth_hash())
    return (user, pending) if is_same else None


def forget_pending(request: HttpRequest) -> None:
    request.session.pop(_SESSION_KEY, None)


# --- Codes ---------------------------------------------------------------------------------------


def check_code(user: CustomUser, code: str) -> Device | None:
    """Use up `code` and return its device, or None if it is wrong. Raise throttle.Locked."""
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
    """The devices for codes of this length: trying the other kind would count as its failure."""
    model = TOTPDevice if len(code) == TOTP_DIGITS else StaticDevice
    return model.objects.filter(user=user, confirmed=True)


def _use(devices: Any, code: str) -> Device | None:
    """Return the device if it accepts the code. Its row is locked, so no code works twice."""
    with transaction.atomic():
        device = devices.select_for_update().first()
        if device is None:
            return None
        _check_backoff(device)
        return device if device.verify_token(code) else None


def _check_backoff(device: ThrottlingMixin) -> None:
    """Raise Locked while django-otp blocks the device: 1, 2, 4, 8 … s after each failure.

    In that time it would refuse even a right code, without saying why.
    """
    is_allowed, details = device.verify_is_allowed()
    if not is_allowed:
        left = (details["locked_until"] - timezone.now()).total_seconds()
        raise throttle.Locked(throttle.CODE_BY_ACCOUNT, max(1, math.ceil(left)))


# --- Switching it on and off --------------------------------------------------------------------


def device_to_confirm(user: CustomUser) -> TOTPDevice:
    """The device that `user` is setting up. Its secret stays the same until it is confirmed."""
    waiting = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return waiting or TOTPDevice.objects.create(user=user, confirmed=False, name="Celular")


def confirm_device(user: CustomUser, code: str) -> TOTPDevice | None:
    """Confirm and return the new device if the code is right, or None. Raise throttle.Locked."""
    device = _use(TOTPDevice.objects.filter(user=user, confirmed=False), code)
    if not isinstance(device, TOTPDevice):
        return None
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
        device.confirmed = True
        device.save(update_fields=["confirmed"])
    return device


def new_recovery_codes(user: CustomUser) -> list[str]:
    """Replace the recovery codes by ten new ones, each for one login without the phone."""
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        # Keep an existing device: sessions may have begun with its codes.
        device, _ = StaticDevice.objects.get_or_create(user=user)
        device.token_set.all().delete()
        StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def recovery_codes_left(user: CustomUser) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


def switch_off(user: CustomUser) -> bool:
    """Stop asking `user` for codes. False if the second step was off."""
    StaticDevice.objects.filter(user=user).delete()
    deleted, _ = TOTPDevice.objects.filter(user=user).delete()
    return bool(deleted)


def manual_secret(device: TOTPDevice) -> str:
    """The secret to type into an app, in groups of four."""
    secret = b32encode(device.bin_key).decode()
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
