"""A stand-in for the authenticator app on a person's phone."""

import time

from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.login import second_step
from accounts.models import CustomUser


def code_of(device: TOTPDevice, steps: int = 0) -> str:
    """The code that the app shows, `steps` times 30 s from now."""
    app = TOTP(device.bin_key)
    app.time = time.time() + steps * 30
    return f"{app.token():06}"


def switch_on(user: CustomUser) -> tuple[TOTPDevice, list[str]]:
    """Give `user` the second step, set up some time ago; return device and recovery codes."""
    device = TOTPDevice.objects.create(user=user, confirmed=True)
    return device, second_step.new_recovery_codes(user)
