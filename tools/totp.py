"""`make totp`: print a code of the demo superadmin's second step, in place of a phone."""

import os
import sys
import time

import django
from django.conf import settings
from django.db import DatabaseError
from django_otp.oath import TOTP


class NoCode(Exception):
    """There is no code to print; the message is one sentence that says what to do."""


def code_for(cedula: str, now: float) -> tuple[str, int]:
    """Return the code that the site accepts next, and the seconds that it stays valid.

    A code is accepted once. Where this step's was used already, return the next step's, which
    django-otp accepts one step early. The device may still be waiting to be confirmed: then the
    code is for the page that sets it up. Raises NoCode.
    """
    from django_otp.plugins.otp_totp.models import TOTPDevice  # needs django.setup()

    if not settings.DEBUG:
        raise NoCode("DEBUG is off here: codes are only printed for the demo.")
    device = TOTPDevice.objects.filter(user__cedula=cedula).order_by("-confirmed", "pk").first()
    if device is None:
        raise NoCode(
            f"{cedula} has no second step: log in, open Mi perfil → Seguridad → Activar, and run"
            " this again for the code that the page asks for."
        )
    app = TOTP(device.bin_key, device.step, device.t0, device.digits)
    app.time = now
    step = max(app.t(), device.last_t + 1)
    if step > app.t() + device.tolerance:
        raise NoCode(f"This code and the next were used: wait {device.step} s, and try again.")
    app.time = now + (step - app.t()) * device.step
    ends_at = device.t0 + (step + device.tolerance + 1) * device.step
    return f"{app.token():0{device.digits}}", int(ends_at - now)


def main() -> int:
    """Print the code, or the sentence why there is none; return the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from census.management.commands.seed_demo import SUPERADMIN

    try:
        code, seconds = code_for(SUPERADMIN, time.time())
    except NoCode as problem:
        print(f"make totp: {problem}", file=sys.stderr)
    except DatabaseError:
        print("make totp: there is no demo yet: start `make run` once.", file=sys.stderr)
    else:
        print(f"{code}  ({SUPERADMIN}; valid for {seconds} s)")
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
