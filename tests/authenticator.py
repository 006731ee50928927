"""The app on a person's phone: it shows the code of now, or of some steps from now."""

import time

from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.login import second_step
from accounts.models import CustomUser


def code_of(device: TOTPDevice, steps: int = 0) -> str:
    """What the app shows now, or shows `steps` times 30 s later, by a clock that is right."""
    app = TOTP(device.bin_key)
    app.time = time.time() + steps * 30
    return f"{app.token():06}"


def switch_on(user: CustomUser) -> tuple[TOTPDevice, list[str]]:
    """`user`'s device, as it is after it was set up some time ago, and their recovery codes."""
    device = TOTPDevice.objects.create(user=user, confirmed=True)
    return device, second_step.new_recovery_codes(user)
