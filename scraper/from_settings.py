"""The scraper's configuration as Django's settings have it now."""

from django.conf import settings

from scraper.config import ScraperConfig, SolverConfig


def config_from_settings() -> ScraperConfig:
    """Built from the single settings at every call, so that an override of one of them holds.

    Raises ConfigError where they contradict each other.
    """
    return ScraperConfig(
        url=settings.REGISTRADURIA_URL,
        interval_seconds=settings.LOOKUP_INTERVAL_SECONDS,
        timeout_seconds=settings.LOOKUP_TIMEOUT_SECONDS,
        concurrency=settings.LOOKUP_CONCURRENCY,
        chromium_path=settings.CHROMIUM_PATH,
        solver=SolverConfig(
            kind=settings.CAPTCHA_SOLVER,
            api_key=settings.TWOCAPTCHA_API_KEY,
            url=settings.TWOCAPTCHA_URL,
            polling_seconds=settings.TWOCAPTCHA_POLLING_SECONDS,
        ),
    )
