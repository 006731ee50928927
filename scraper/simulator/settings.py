"""The simulator's settings. Frozen: a change makes a new object, which is checked as a whole."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum


class Mode(StrEnum):
    """The state of the whole site, whatever the cédula."""

    OK = "ok"
    BLOCKED = "blocked"
    """The firewall answers everything, with HTTP 200."""
    MAINTENANCE = "maintenance"
    DOWN = "down"
    """HTTP 503."""
    SLOW = "slow"
    """Every page and answer takes `slow_seconds`."""
    CHANGED = "changed"
    """The page has been rebuilt: none of the known ids is on it."""
    TURNSTILE = "turnstile"
    """The page has Cloudflare's captcha in place of Google's."""
    GARBAGE = "garbage"
    """Replies are neither HTML with a form nor JSON."""


class CaptchaKind(StrEnum):
    """The captcha on the census pages."""

    NONE = "none"
    RECAPTCHA = "recaptcha"
    TURNSTILE = "turnstile"


class CaptchaFailure(StrEnum):
    """The trouble with the captcha service, whatever the key."""

    NONE = "none"
    UNSOLVABLE = "unsolvable"
    NEVER_READY = "never_ready"
    ZERO_BALANCE = "zero_balance"
    KEY_REJECTED = "key_rejected"
    NO_SLOT = "no_slot"
    """Too busy to take an order; costs nothing."""
    DOWN = "down"
    """HTTP 502 to everything."""
    FLAKY = "flaky"
    """HTTP 502 to the first poll of each captcha, which is solved all the same."""
    REFUSED = "refused"
    """Tokens are sold, and the census pages refuse every one."""


class SettingsError(ValueError):
    """A setting is invalid; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; times in seconds."""

    mode: Mode = Mode.OK
    slow_seconds: float = 4.0
    elections_delay: float = 0.3
    """The delay of a list of elections that comes from an API."""
    session_seconds: float = 1200.0
    """The time for which a loaded page with a session may ask."""
    captcha: bool = True
    captcha_latency: float = 3.0
    """From the order to the token; the live service takes 10 to 45 s."""
    captcha_failure: CaptchaFailure = CaptchaFailure.NONE
    token_seconds: float = 120.0
    """The life of a reCAPTCHA token."""

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if item.type is float and not (math.isfinite(value) and 0 <= value <= 86400):
                raise SettingsError(f"{item.name} must lie between 0 and 86400, not {value}.")

    @property
    def captcha_kind(self) -> CaptchaKind:
        if self.mode is Mode.TURNSTILE:
            return CaptchaKind.TURNSTILE
        return CaptchaKind.RECAPTCHA if self.captcha else CaptchaKind.NONE

    def changed(self, changes: Mapping[str, object]) -> "Settings":
        """Return a copy with `changes`, given as in JSON. Raises SettingsError for a wrong one."""
        types = {item.name: item.type for item in fields(self)}
        unknown = sorted(set(changes) - set(types))
        if unknown:
            raise SettingsError(f"Unknown setting: {', '.join(unknown)}.")
        read = {name: _read(name, types[name], value) for name, value in changes.items()}
        return replace(self, **read)  # type: ignore[arg-type]  # _read checked each against its field

    def as_json(self) -> dict[str, str | bool | float]:
        return asdict(self)


def _read(name: str, kind: object, value: object) -> object:
    """Return `value` in the type of its field; a bool does not count as a number."""
    if kind is bool and isinstance(value, bool):
        return value
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind in (Mode, CaptchaFailure) and isinstance(value, str):
        choices = Mode if kind is Mode else CaptchaFailure
        if value in {str(choice) for choice in choices}:
            return choices(value)
        raise SettingsError(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    raise SettingsError(f"{name} cannot be {value!r}.")
