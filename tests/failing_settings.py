"""The product's settings, with a view that fails, and a dispatcher that does after a failed lookup.

Both exceptions contain personal data, which no error report may repeat.
"""

from typing import Any

from config.settings import *  # noqa: F403

NAME, CEDULA, PHONE = "Luz Dary Cano", "1098765432", "3001234567"
SAID = f"Key (cedula)=({CEDULA}) of '{NAME}' exists.\nDETAIL: {NAME}, {PHONE}"


class Delays(tuple[float, ...]):
    """Fails when the retry policy reads a delay, after a lookup has failed."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        raise ValueError(SAID)


RETRY_DELAYS_SECONDS = Delays((60.0,))
ROOT_URLCONF = "tests.failing_site"
MIDDLEWARE = [name for name in MIDDLEWARE if "csrf" not in name.lower()]  # noqa: F405
