"""The product's settings in an environment of the tests' own.

What a developer has in the environment or in .env must not change what a test sees, so every
variable that the settings read is given here. CHROMIUM_PATH alone stays: it is a fact about the
machine. Processes that tests start get this environment too.
"""

import os
import tempfile
from pathlib import Path

NEUTRAL = (
    "ADMIN_PATH",
    "ALLOWED_HOSTS",
    "CAMPAIGN_ENDS_ON",
    "CAPTCHA_DAILY_LIMIT",
    "CAPTCHA_SOLVER",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_POOL_SIZE",
    "DATABASE_URL_FILE",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "LOOKUP_CONCURRENCY",
    "LOOKUP_INTERVAL_SECONDS",
    "LOOKUP_TIMEOUT_SECONDS",
    "METRICS_TOKEN",
    "METRICS_TOKEN_FILE",
    "PAUSE_AFTER_BLOCKS",
    "PAUSE_SECONDS",
    "PORT",
    "QUEUE_NAME",
    "Q_WORKERS",
    "REDIS_URL",
    "REDIS_URL_FILE",
    "REFRESH_COOLDOWN_SECONDS",
    "REGISTRADURIA_URL",
    "REQUIRE_SUPERADMIN_TOTP",
    "RESPONSIBLE_ADDRESS",
    "RESPONSIBLE_EMAIL",
    "RESPONSIBLE_ID",
    "RESPONSIBLE_NAME",
    "RESPONSIBLE_PHONE",
    "RETENTION_ACCESS_LOG_DAYS",
    "RETENTION_AFTER_CAMPAIGN_DAYS",
    "RETENTION_ATTEMPTS_DAYS",
    "RETENTION_PROOF_DAYS",
    "RETENTION_RAW_RESPONSE_DAYS",
    "RETRY_DELAYS_SECONDS",
    "SECRET_KEY_FILE",
    "SECURE_HSTS_SECONDS",
    "SENTRY_DSN",
    "SENTRY_DSN_FILE",
    "SENTRY_ENVIRONMENT",
    "SENTRY_TRACES_SAMPLE_RATE",
    "SHOW_NOVEDAD_TO_LEADERS",
    "SIMULATOR_PORT",
    "THROTTLE_REGISTRATIONS_PER_ADDRESS",
    "THROTTLE_REGISTRATIONS_PER_ADDRESS_PER_DAY",
    "THROTTLE_TAKEN_CEDULAS_PER_ADDRESS",
    "TRUSTED_PROXIES",
    "SITE_URL",
    "TWOCAPTCHA_API_KEY",
    "TWOCAPTCHA_API_KEY_FILE",
    "TWOCAPTCHA_POLLING_SECONDS",
    "TWOCAPTCHA_URL",
)
"""An empty variable counts as not set, and keeps .env from setting it."""

os.environ.update(
    dict.fromkeys(NEUTRAL, ""),
    DEBUG="true",
    SECRET_KEY="for tests only, and the same in every process that a test starts",
    # TEST_DATABASE_URL runs them on PostgreSQL; Django makes a database of its own there.
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL", "sqlite:///:memory:"),
)

from config.settings import *  # noqa: E402, F403  once the environment is as it should be

# Of this run alone: others on this machine test too.
_name = f"censo-test-{os.getpid()}"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # A file, as in production: several connections to one in memory lock each other's tables.
    _name = str(Path(tempfile.gettempdir()) / f"{_name}.sqlite3")
DATABASES["default"]["TEST"] = {"NAME": _name}  # noqa: F405

# Files are looked for when they are asked for: else every test's client reads the names of all of
# them first, hundreds where they have been collected.
WHITENOISE_AUTOREFRESH = True
