"""The scraper's configuration from Django's settings."""

from django.conf import LazySettings, settings

from scraper.config import ScraperConfig, SolverConfig


def config_from_settings(given: LazySettings = settings) -> ScraperConfig:
    """Return the configuration that the settings have now, overrides of single ones included.

    Raises ConfigError where they contradict each other.
    """
    return ScraperConfig(
        url=given.REGISTRADURIA_URL,
        interval_seconds=given.LOOKUP_INTERVAL_SECONDS,
        timeout_seconds=given.LOOKUP_TIMEOUT_SECONDS,
        concurrency=given.LOOKUP_CONCURRENCY,
        chromium_path=given.CHROMIUM_PATH,
        solver=SolverConfig(
            kind=given.CAPTCHA_SOLVER,
            api_key=given.TWOCAPTCHA_API_KEY,
            url=given.TWOCAPTCHA_URL,
            polling_seconds=given.TWOCAPTCHA_POLLING_SECONDS,
        ),
    )
