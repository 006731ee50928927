"""The product's settings, but that a view fails, and the dispatcher after a lookup that failed.

Both say what no report of them may repeat.
"""

from typing import Any

from config.settings import *  # noqa: F403

NAME, CEDULA, PHONE = "Luz Dary Cano", "1098765432", "3001234567"
SAID = f"Key (cedula)=({CEDULA}) of '{NAME}' exists.\nDETAIL: {NAME}, {PHONE}"


class Delays(tuple[float, ...]):
    """Asked for one of them when a lookup has failed, to decide what follows."""

    __slots__ = ()

    def __getitem__(self, place: Any) -> Any:
        raise ValueError(SAID)


RETRY_DELAYS_SECONDS = Delays((60.0,))
ROOT_URLCONF = "tests.failing_site"
MIDDLEWARE = [name for name in MIDDLEWARE if "csrf" not in name.lower()]  # noqa: F405
