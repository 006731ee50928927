"""Django's settings. What an operator may set comes from the environment or from `.env`.

config/environment/declarations.py says what each variable means and which values it takes.
"""

# size: all of Django's settings in one file, as its readers expect

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import environ
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from accounts.responsible import Responsible
from config import __version__
from config.environment import database, signing
from config.environment.declarations import (
    Access,
    Captcha,
    Controller,
    Logs,
    Lookups,
    Machine,
    Monitoring,
    Rates,
    Retention,
    Site,
    Storage,
)
from config.logs import lines
from scraper.config import ConfigError
from scraper.from_settings import config_from_settings

VERSION = __version__
BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env")

# --- Django -----------------------------------------------------------------------------------

DEBUG = Site.DEBUG.read()
SECRET_KEY = signing.secret_key(BASE_DIR, debug=DEBUG)

ALLOWED_HOSTS = Site.ALLOWED_HOSTS.read()
TRUSTED_PROXIES = Site.TRUSTED_PROXIES.read()
CSRF_TRUSTED_ORIGINS = Site.CSRF_TRUSTED_ORIGINS.read()
# Without it, links that people share begin with the host that the request names, and whoever sends
# a request chooses that.
SITE_URL = Site.SITE_URL.read()

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "accounts.CustomUser"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "accounts",
    "census",  # before django_q: its `qcluster` command replaces the library's
    "scraper",
    "accounts.apps.AdministrationConfig",  # django.contrib.admin, with our own site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_q",
    "csp",
    "config.apps.ServerConfig",  # after the administration, from which it removes a page
]

MIDDLEWARE = [
    "config.logs.request_ids.request_id_middleware",  # before everything that may log
    # The headers' middleware comes next, so that no answer lacks them: a static file, a refused
    # host, an error.
    "config.web.headers.browser_rules_middleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.web.outage.outage_middleware",  # before everything that uses the database
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.middleware.LoginRequiredMiddleware",
    "accounts.middleware.ConsentRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.toast_middleware",
    "config.web.refusals.method_page_middleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

LANGUAGE_CODE = "es-co"
TIME_ZONE = lines.TIME_ZONE
USE_I18N = True
USE_TZ = True

# --- Logs and error reports ----------------------------------------------------------------------

LOG_FORMAT = Logs.LOG_FORMAT.read()
LOG_LEVEL = Logs.LOG_LEVEL.read()
LOGGING = lines.settings(LOG_FORMAT, LOG_LEVEL)

# '': errors are reported nowhere, and Sentry's library is not loaded.
SENTRY_DSN = Logs.SENTRY_DSN.read()
SENTRY_ENVIRONMENT = Logs.SENTRY_ENVIRONMENT.read()
SENTRY_TRACES_SAMPLE_RATE = Logs.SENTRY_TRACES_SAMPLE_RATE.read()

# --- Database ---------------------------------------------------------------------------------

DATABASES = {"default": database.from_environment(BASE_DIR / "var" / "censo.sqlite3")}
# Used in config/pool.py.
DATABASE_POOL_SIZE = Storage.DATABASE_POOL_SIZE.read()

# --- The law ----------------------------------------------------------------------------------

# Named in the policy, and part of what people accept.
RESPONSIBLE = Responsible(
    name=Controller.RESPONSIBLE_NAME.read(),
    identification=Controller.RESPONSIBLE_ID.read(),
    address=Controller.RESPONSIBLE_ADDRESS.read(),
    email=Controller.RESPONSIBLE_EMAIL.read(),
    phone=Controller.RESPONSIBLE_PHONE.read(),
)

RETENTION_ATTEMPTS_DAYS = Retention.RETENTION_ATTEMPTS_DAYS.read()
RETENTION_RAW_RESPONSE_DAYS = Retention.RETENTION_RAW_RESPONSE_DAYS.read()
RETENTION_ACCESS_LOG_DAYS = Retention.RETENTION_ACCESS_LOG_DAYS.read()
RETENTION_PROOF_DAYS = Retention.RETENTION_PROOF_DAYS.read()
CAMPAIGN_ENDS_ON = Retention.CAMPAIGN_ENDS_ON.read()
RETENTION_AFTER_CAMPAIGN_DAYS = Retention.RETENTION_AFTER_CAMPAIGN_DAYS.read()
SHOW_NOVEDAD_TO_LEADERS = Retention.SHOW_NOVEDAD_TO_LEADERS.read()

# Error reports hide what people typed, and mask cédulas.
DEFAULT_EXCEPTION_REPORTER = "accounts.logs.masking.PrivateReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "accounts.logs.masking.PrivateReporterFilter"

# --- People -----------------------------------------------------------------------------------

LOGIN_URL = "accounts:ingresar"
LOGIN_REDIRECT_URL = "accounts:perfil"
LOGOUT_REDIRECT_URL = "accounts:ingresar"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # "recuérdame"; without it the cookie ends with the browser
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("cedula", "nombre_completo", "phone")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "accounts.login.common_passwords.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

THROTTLE_REGISTRATIONS_PER_ADDRESS = Rates.THROTTLE_REGISTRATIONS_PER_ADDRESS.read()
THROTTLE_REGISTRATIONS_PER_ADDRESS_PER_DAY = Rates.THROTTLE_REGISTRATIONS_PER_ADDRESS_PER_DAY.read()
THROTTLE_TAKEN_CEDULAS_PER_ADDRESS = Rates.THROTTLE_TAKEN_CEDULAS_PER_ADDRESS.read()

ADMIN_PATH = Access.ADMIN_PATH.read()
# A superadmin sees everybody's data: a password alone is not enough for that.
REQUIRE_SUPERADMIN_TOTP = Access.REQUIRE_SUPERADMIN_TOTP.read()
OTP_TOTP_ISSUER = "Censo al Día"
OTP_TOTP_SYNC = False  # one step of 30 s early or late, always measured from our clock

# --- Security headers, cookies and uploads ----------------------------------------------------

# TLS ends at a proxy of ours. Without one a redirect to https would lead in circles, and anybody
# could send X-Forwarded-Proto, so it is not read; the proxy must set it itself.
BEHIND_TLS = not DEBUG and TRUSTED_PROXIES > 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_SSL_REDIRECT = BEHIND_TLS
# Monitors beside the server come without TLS; the answers hold no personal data.
SECURE_REDIRECT_EXEMPT = [r"^salud/$", r"^metricas/$"]
# Django sends it with secure answers alone.
SECURE_HSTS_SECONDS = Site.SECURE_HSTS_SECONDS.read()
SECURE_REFERRER_POLICY = "same-origin"  # our own pages read it, to lead people back
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: the domain's other sites are not ours to bind
    "security.W021",  # HSTS preload: next to irreversible, so the domain's owner asks for it
]

# __Host-: no other host of the domain can set these cookies or gets them. Browsers demand https
# for it. Lax and not strict: who follows a link in a chat must be logged in.
SESSION_COOKIE_NAME = "sessionid" if DEBUG else "__Host-sessionid"
CSRF_COOKIE_NAME = "csrftoken" if DEBUG else "__Host-csrftoken"
KNOWN_DEVICE_COOKIE_NAME = "equipo" if DEBUG else "__Host-equipo"
CSRF_FAILURE_VIEW = "accounts.views.expired_pages.csrf_failure"
CSRF_COOKIE_HTTPONLY = True  # forms carry the token; no script reads the cookie
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# The same in development, so that what it breaks is noticed there. django-csp leaves out Django's
# own pages about a 404 or a 500 under DEBUG: they are all inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # data: for the drawings inside Bootstrap's style sheet
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "upgrade-insecure-requests": BEHIND_TLS,
    }
}
BROWSER_RULES = {
    # Everything that our pages never use is forbidden. Copying a link stays allowed, and so does
    # the phone's own sharing: web-share is not named because its default is right, and some
    # browsers do not know it.
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(),"
        " encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(),"
        " magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(),"
        " screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=(),"
        " clipboard-write=(self)"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
}

# Forms send text alone. 512 KiB hold the ids of 60,000 ticked rows in one field, as the page's
# script sends them, or of 10,000 rows with a field each, as a page without scripts does. With
# Django's own limit of 1,000 fields a leader who ticks more would get an error page.
FILE_UPLOAD_HANDLERS = ["config.web.uploads.RefuseUploads"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- Static files -----------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# --- Lookups ----------------------------------------------------------------------------------

REGISTRADURIA_URL = Lookups.REGISTRADURIA_URL.read()
LOOKUP_INTERVAL_SECONDS = Lookups.LOOKUP_INTERVAL_SECONDS.read()
LOOKUP_CONCURRENCY = Lookups.LOOKUP_CONCURRENCY.read()
LOOKUP_TIMEOUT_SECONDS = Lookups.LOOKUP_TIMEOUT_SECONDS.read()
RETRY_DELAYS_SECONDS = Lookups.RETRY_DELAYS_SECONDS.read()
PAUSE_AFTER_BLOCKS = Lookups.PAUSE_AFTER_BLOCKS.read()
PAUSE_SECONDS = Lookups.PAUSE_SECONDS.read()
REFRESH_COOLDOWN_SECONDS = Lookups.REFRESH_COOLDOWN_SECONDS.read()
CAPTCHA_SOLVER = Captcha.CAPTCHA_SOLVER.read()
TWOCAPTCHA_API_KEY = Captcha.TWOCAPTCHA_API_KEY.read()
TWOCAPTCHA_URL = Captcha.TWOCAPTCHA_URL.read()
TWOCAPTCHA_POLLING_SECONDS = Captcha.TWOCAPTCHA_POLLING_SECONDS.read()
CAPTCHA_DAILY_LIMIT = Captcha.CAPTCHA_DAILY_LIMIT.read()
CHROMIUM_PATH = Machine.CHROMIUM_PATH.read()

# Settings that contradict each other stop the start as well. `django.conf.settings` cannot be read
# before this module has ended, so the scraper checks the values that are here.
try:
    config_from_settings(cast(LazySettings, SimpleNamespace(**globals())))
except ConfigError as problem:
    raise ImproperlyConfigured(str(problem)) from None

# --- Monitoring -------------------------------------------------------------------------------

METRICS_TOKEN = Monitoring.METRICS_TOKEN.read()

# --- The queue --------------------------------------------------------------------------------

Q_WORKERS = Machine.Q_WORKERS.read()
REDIS_URL = Storage.REDIS_URL.read()
Q_CLUSTER = {
    "name": Storage.QUEUE_NAME.read(),
    "workers": Q_WORKERS,
    # One task in the workers' queue and one fetched: a stop waits for prefetched tasks.
    "queue_limit": 1,
    "bulk": 1,
    "save_limit": -1,  # successes leave no row: the outcome of a lookup is in LookupAttempt
    "ack_failures": True,
    "max_attempts": 1,
    "catch_up": False,
    "poll": 0.2,
    "guard_cycle": 0.5,
    # A task runs a dispatcher, which works as long as a lookup is due; the queue's own timeout
    # would cut off every lookup in flight. Each lookup has its own timeout, and a dispatcher that
    # hangs is noticed by its pulse (census/worker/sentinel.py). If a message is lost, the sweep
    # finds the row.
    "timeout": 30 * 24 * 3600,
    "retry": 31 * 24 * 3600,
    "label": "Cola de tareas",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}
