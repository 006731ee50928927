"""Django's settings, read from the environment and from a `.env` file beside manage.py.

Every variable is optional but SECRET_KEY where DEBUG is off. README.md lists them all.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from accounts.responsible import Responsible
from config.environment import database, env, signing
from config.logs import lines
from scraper.config import ConfigError, ScraperConfig, SolverConfig

BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env")

PUBLIC_PATHS = frozenset(
    {
        *("registro", "ingresar", "salir", "cambiar-clave", "perfil", "politica"),
        *("autorizar", "cuenta-eliminada"),
        *("mi-enlace", "censo", "refrescar-cedula", "referidos", "referido", "bulk-refresh"),
        *("salud", "metricas", "static", "manifest.webmanifest", "sw.js", "sin-conexion"),
    }
)
"""What the addresses of our own pages begin with: the administration must not hide them."""

SIMULATOR_ADDRESS = "http://127.0.0.1:8800"

# --- Django -----------------------------------------------------------------------------------

DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = signing.secret_key(BASE_DIR, debug=DEBUG)

ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
# How many proxies of ours stand in front, each of which adds to X-Forwarded-For.
TRUSTED_PROXIES = env.whole_number("TRUSTED_PROXIES", 0, least=0, most=10)
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
# Where people find the site; '' is where the request says it was sent, which is the name that the
# sender typed: links that people share are built from this where it is set.
SITE_URL = env.origin("SITE_URL")

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
    "config.apps.ServerConfig",  # after the administration, from which it takes a page away
]

MIDDLEWARE = [
    "config.logs.request_ids.request_id_middleware",  # before all that may log something
    # First of the rest, so that no answer lacks their headers: a static file, a refused host, an
    # error.
    "config.web.headers.browser_rules_middleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.web.outage.outage_middleware",  # before all that ask the database
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

# --- Logs and reports of errors ------------------------------------------------------------------

LOG_FORMAT = env.choice("LOG_FORMAT", lines.FORMATS, lines.default_format(debug=DEBUG))
LOG_LEVEL = env.choice("LOG_LEVEL", lines.LEVELS, "info")
LOGGING = lines.settings(LOG_FORMAT, LOG_LEVEL)

# Where errors are reported as well; '': nowhere, and the library for it is not even loaded.
SENTRY_DSN = env.secret_dsn("SENTRY_DSN")
SENTRY_ENVIRONMENT = env.label("SENTRY_ENVIRONMENT", "development" if DEBUG else "production")
SENTRY_TRACES_SAMPLE_RATE = env.fraction("SENTRY_TRACES_SAMPLE_RATE", 0)

# --- Database ---------------------------------------------------------------------------------

DATABASES = {"default": database.from_environment(BASE_DIR / "var" / "censo.sqlite3")}
# How many connections to PostgreSQL the threads of one web process share (config/pool.py).
DATABASE_POOL_SIZE = env.whole_number("DATABASE_POOL_SIZE", 10, least=1, most=100)

# --- The law ----------------------------------------------------------------------------------

# Who answers for the data; named in the policy, and part of what people accept.
RESPONSIBLE = Responsible(
    name=env.line("RESPONSIBLE_NAME", most=200),
    identification=env.line("RESPONSIBLE_ID", most=50),
    address=env.line("RESPONSIBLE_ADDRESS", most=200),
    email=env.email("RESPONSIBLE_EMAIL"),
    phone=env.line("RESPONSIBLE_PHONE", most=50),
)

# Days; what is older is deleted once a day (census/retention.py). 0: at the next of those days.
RETENTION_ATTEMPTS_DAYS = env.days("RETENTION_ATTEMPTS_DAYS", 90)
RETENTION_RAW_RESPONSE_DAYS = env.days("RETENTION_RAW_RESPONSE_DAYS", 7)
RETENTION_ACCESS_LOG_DAYS = env.days("RETENTION_ACCESS_LOG_DAYS", 365)
# The authority can sanction for three years (Ley 1437 of 2011, art. 52): the proof must outlast
# that, and a proceeding that begins on its last day.
RETENTION_PROOF_DAYS = env.days("RETENTION_PROOF_DAYS", 5 * 365)
# After the campaign's last day, and so many days more, everything personal is deleted.
CAMPAIGN_ENDS_ON = env.day("CAMPAIGN_ENDS_ON")
RETENTION_AFTER_CAMPAIGN_DAYS = env.days("RETENTION_AFTER_CAMPAIGN_DAYS", 30)

# Whether a leader learns why a cédula is cancelled, and not only that it is.
SHOW_NOVEDAD_TO_LEADERS = env.boolean("SHOW_NOVEDAD_TO_LEADERS", default=False)

# What is reported of an error hides what people typed, and masks cédulas.
DEFAULT_EXCEPTION_REPORTER = "accounts.privacy.PrivateReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "accounts.privacy.PrivateReporterFilter"

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
    {"NAME": "accounts.passwords.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# How many accounts one address may make in ten minutes and in a day: a rally's two hundred people
# are behind one, and so are all customers of a mobile operator's gateway.
THROTTLE_REGISTRATIONS_PER_ADDRESS = env.whole_number(
    "THROTTLE_REGISTRATIONS_PER_ADDRESS", 300, least=1, most=1_000_000
)
THROTTLE_REGISTRATIONS_PER_ADDRESS_PER_DAY = env.whole_number(
    "THROTTLE_REGISTRATIONS_PER_ADDRESS_PER_DAY", 3000, least=1, most=10_000_000
)
# How many cédulas that have an account may be tried from one address in an hour.
THROTTLE_TAKEN_CEDULAS_PER_ADDRESS = env.whole_number(
    "THROTTLE_TAKEN_CEDULAS_PER_ADDRESS", 20, least=1, most=1_000_000
)

ADMIN_PATH = env.path("ADMIN_PATH", "admin/", taken=PUBLIC_PATHS)
# Whoever administers sees everybody's data: a password alone is not enough for that.
REQUIRE_SUPERADMIN_TOTP = env.boolean("REQUIRE_SUPERADMIN_TOTP", default=not DEBUG)
OTP_TOTP_ISSUER = "Censo al Día"
OTP_TOTP_SYNC = False  # one step of 30 s early or late, always measured from our clock

# --- What browsers are told -------------------------------------------------------------------

# A proxy of ours in front is what ends TLS; without one, an answer "come back by https" would send
# people round in circles. The proxy must set X-Forwarded-Proto itself: where none is counted
# anybody could send that header, and it is not read.
BEHIND_TLS = not DEBUG and TRUSTED_PROXIES > 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_SSL_REDIRECT = BEHIND_TLS
# Monitors beside the server ask without TLS; the answers hold no personal data.
SECURE_REDIRECT_EXEMPT = [r"^salud/$", r"^metricas/$"]
# A month, not the usual year: browsers hold to it, and whoever loses TLS is locked out so long.
# Django sends it on secure answers alone.
SECURE_HSTS_SECONDS = env.whole_number(
    "SECURE_HSTS_SECONDS", 0 if DEBUG else 30 * 24 * 3600, least=0, most=2 * 365 * 24 * 3600
)
SECURE_REFERRER_POLICY = "same-origin"  # our own pages read it, to lead people back
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: the domain's other sites are not ours to bind
    "security.W021",  # HSTS preload: next to irreversible, so the domain's owner asks for it
]

# __Host-: no other host of the domain can set these, and none but this one gets them. Browsers
# demand https for it. Lax and not strict: a link in a chat must find people logged in.
SESSION_COOKIE_NAME = "sessionid" if DEBUG else "__Host-sessionid"
CSRF_COOKIE_NAME = "csrftoken" if DEBUG else "__Host-csrftoken"
KNOWN_DEVICE_COOKIE_NAME = "equipo" if DEBUG else "__Host-equipo"
CSRF_FAILURE_VIEW = "accounts.expired_pages.csrf_failure"
CSRF_COOKIE_HTTPONLY = True  # forms carry the token; no script reads the cookie
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# The same in development, so that what would break is seen there; but for Django's own pages about
# a 404 or a 500 under DEBUG, which django-csp leaves alone because they are all inline.
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
    # All that a page of ours never asks for. Copying a link stays, and so does the phone's own
    # sharing: web-share is not named because its default will do, and some browsers lack it.
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(),"
        " encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(),"
        " magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(),"
        " screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=(),"
        " clipboard-write=(self)"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
}

# What people send is text: 512 KiB hold the ids of 60,000 ticked rows in one field, as the page's
# script sends them, and of 10,000 where each has its own; Django's own limit of 1,000 fields would
# answer a leader who ticked more with an error page.
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

REGISTRADURIA_URL = env.web_address(
    "REGISTRADURIA_URL", f"{SIMULATOR_ADDRESS}/censo/consultar/" if DEBUG else ""
)
LOOKUP_INTERVAL_SECONDS = env.seconds("LOOKUP_INTERVAL_SECONDS", 5, least=0.05, most=3600)
LOOKUP_CONCURRENCY = env.whole_number("LOOKUP_CONCURRENCY", 12, least=1, most=64)
LOOKUP_TIMEOUT_SECONDS = env.seconds("LOOKUP_TIMEOUT_SECONDS", 180, least=1, most=3600)
RETRY_DELAYS_SECONDS = env.seconds_list(
    "RETRY_DELAYS_SECONDS", (60, 300, 900), least=0, most=7 * 24 * 3600
)
PAUSE_AFTER_BLOCKS = env.whole_number("PAUSE_AFTER_BLOCKS", 3, least=1, most=1000)
PAUSE_SECONDS = env.seconds_list("PAUSE_SECONDS", (60, 300, 1800), least=0, most=7 * 24 * 3600)
REFRESH_COOLDOWN_SECONDS = env.seconds("REFRESH_COOLDOWN_SECONDS", 30, least=0, most=24 * 3600)
CAPTCHA_SOLVER = env.choice("CAPTCHA_SOLVER", ("none", "2captcha"), "none")
TWOCAPTCHA_API_KEY = env.secret("TWOCAPTCHA_API_KEY")
TWOCAPTCHA_URL = env.web_address("TWOCAPTCHA_URL", "https://2captcha.com")
TWOCAPTCHA_POLLING_SECONDS = env.seconds("TWOCAPTCHA_POLLING_SECONDS", 5, least=0.05, most=60)
# Captchas that all workers together may buy in one day of TIME_ZONE; 0: as many as it takes.
CAPTCHA_DAILY_LIMIT = env.whole_number("CAPTCHA_DAILY_LIMIT", 0, least=0, most=1_000_000)
CHROMIUM_PATH = env.text("CHROMIUM_PATH")
if CHROMIUM_PATH and not Path(CHROMIUM_PATH).is_file():
    raise ImproperlyConfigured(f"CHROMIUM_PATH names no file: {CHROMIUM_PATH!r}.")

try:
    SCRAPER = ScraperConfig(
        url=REGISTRADURIA_URL,
        interval_seconds=LOOKUP_INTERVAL_SECONDS,
        timeout_seconds=LOOKUP_TIMEOUT_SECONDS,
        concurrency=LOOKUP_CONCURRENCY,
        chromium_path=CHROMIUM_PATH,
        solver=SolverConfig(
            kind=CAPTCHA_SOLVER,
            api_key=TWOCAPTCHA_API_KEY,
            url=TWOCAPTCHA_URL,
            polling_seconds=TWOCAPTCHA_POLLING_SECONDS,
        ),
    )
except ConfigError as problem:
    raise ImproperlyConfigured(str(problem)) from None

# --- Watching ---------------------------------------------------------------------------------

# Who may read /metricas/; without one that page does not exist.
METRICS_TOKEN = env.token("METRICS_TOKEN", least=16)

# --- The queue --------------------------------------------------------------------------------

Q_WORKERS = env.whole_number("Q_WORKERS", 1, least=1, most=64)
REDIS_URL = env.secret_address("REDIS_URL", schemes=("redis", "rediss", "unix"))
Q_CLUSTER = {
    # Two sites that share a Redis need two names, or each takes the other's tasks.
    "name": env.label("QUEUE_NAME", "censo"),
    "workers": Q_WORKERS,
    # One task in the workers' queue and one fetched: a stop waits for what was prefetched.
    "queue_limit": 1,
    "bulk": 1,
    "save_limit": -1,  # successes leave no row: the outcome of a lookup is in LookupAttempt
    "ack_failures": True,
    "max_attempts": 1,
    "catch_up": False,
    "poll": 0.2,
    "guard_cycle": 0.5,
    # A task is a dispatcher, which goes on while anything is due; the queue's own timeout would
    # cut every lookup in flight. Each lookup has its timeout, and a dispatcher that hangs is
    # found by its pulse (census/cluster.py). A message that is lost is made up for by the sweep.
    "timeout": 30 * 24 * 3600,
    "retry": 31 * 24 * 3600,
    "label": "Cola de tareas",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}
