"""The scraper's configuration: frozen, and checked when it is built."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

LIVE_DOMAIN = "registraduria.gov.co"
LIVE_INTERVAL_SECONDS = 5.0
"""The least time between two visits to the live site: our own limit, as it publishes none."""

SOLVER_KINDS = ("none", "2captcha")

BROWSER_MIB = 500.0
"""Memory of a driver and a Chromium without any page, past which the browser is replaced; 450 were
measured after 48 lookups (Chromium 156)."""
PAGE_MIB = 50.0
"""Memory that each lookup in flight may add; 30 were measured, with eight in flight."""


class ConfigError(ValueError):
    """A setting makes no sense; `variable` is the environment variable to change."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable} {problem}")
        self.variable = variable


@dataclass(frozen=True, slots=True)
class SolverConfig:
    """Settings of the captcha solver; `kind` is one of SOLVER_KINDS."""

    kind: str = "none"
    api_key: str = field(default="", repr=False)
    url: str = "https://2captcha.com"
    polling_seconds: float = 5.0

    def __post_init__(self) -> None:
        if self.kind not in SOLVER_KINDS:
            raise ConfigError(
                "CAPTCHA_SOLVER", f"must be one of {', '.join(SOLVER_KINDS)}, not {self.kind!r}."
            )
        if self.kind == "2captcha" and not self.api_key:
            raise ConfigError("TWOCAPTCHA_API_KEY", "must be set when CAPTCHA_SOLVER is 2captcha.")
        _require_web_address("TWOCAPTCHA_URL", self.url)
        _require_positive("TWOCAPTCHA_POLLING_SECONDS", self.polling_seconds)


@dataclass(frozen=True, slots=True)
class ScraperConfig:
    """Times are in seconds. An empty `url` is accepted: then every lookup fails."""

    url: str
    interval_seconds: float = 5.0
    timeout_seconds: float = 180.0
    """For a whole lookup, from its turn to its answer."""
    concurrency: int = 12
    chromium_path: str = ""
    solver: SolverConfig = field(default_factory=SolverConfig)
    lookups_per_browser: int = 200
    """After so many a Chromium is replaced: it never frees all the memory that a page took."""
    memory_limit_mib: float | None = None
    """The limit past which a browser is replaced; None: it follows from `concurrency`."""

    def __post_init__(self) -> None:
        if self.url:
            _require_web_address("REGISTRADURIA_URL", self.url)
        _require_positive("LOOKUP_INTERVAL_SECONDS", self.interval_seconds)
        _require_positive("LOOKUP_TIMEOUT_SECONDS", self.timeout_seconds)
        _require_positive("LOOKUP_CONCURRENCY", self.concurrency)
        if self.is_live and self.interval_seconds < LIVE_INTERVAL_SECONDS:
            raise ConfigError(
                "LOOKUP_INTERVAL_SECONDS",
                f"must be at least {LIVE_INTERVAL_SECONDS:g} for an address under {LIVE_DOMAIN},"
                f" not {self.interval_seconds:g}.",
            )

    @property
    def is_live(self) -> bool:
        """True if the address belongs to the Registraduría itself."""
        host = (urlsplit(self.url).hostname or "").rstrip(".")
        return host == LIVE_DOMAIN or host.endswith("." + LIVE_DOMAIN)

    @property
    def page_timeout_seconds(self) -> float:
        """For loading the page, for filling it in and for its answer: a sixth of the whole each."""
        return self.timeout_seconds / 6

    @property
    def solver_timeout_seconds(self) -> float:
        """For a captcha: half of the whole, and less than the 120 s that a token lives."""
        return min(self.timeout_seconds / 2, 110.0)

    @property
    def browser_memory_mib(self) -> float:
        """Memory of all processes of the browser, past which it is replaced."""
        if self.memory_limit_mib is not None:
            return self.memory_limit_mib
        return BROWSER_MIB + PAGE_MIB * self.concurrency


def _require_positive(variable: str, value: float) -> None:
    if not value > 0:  # a NaN is not positive either
        raise ConfigError(variable, f"must be above 0, not {value}.")


def _require_web_address(variable: str, value: str) -> None:
    try:
        parts = urlsplit(value)
        is_complete = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port  # read for the ValueError of one that is no number
    except ValueError:
        is_complete = False
    if not is_complete:
        raise ConfigError(variable, f"must be a complete http or https address, not {value!r}.")
