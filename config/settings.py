"""Django's settings, read from the environment and from a `.env` file beside manage.py.

Every variable is optional but SECRET_KEY where DEBUG is off. README.md lists them all.
"""

import hashlib
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from accounts.responsible import Responsible
from config import database, env
from scraper.config import ConfigError, ScraperConfig, SolverConfig

BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env")

SIMULATOR_ADDRESS = "http://127.0.0.1:8800"

# --- Django -----------------------------------------------------------------------------------

DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "SECRET_KEY must be set, to a long random text, where DEBUG is off."
            " `make setup` writes one into .env for development."
        )
    # Stable over restarts, so that sessions and queued tasks survive them; worthless elsewhere.
    SECRET_KEY = hashlib.sha256(f"development only: {BASE_DIR}".encode()).hexdigest()

ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
# How many proxies of ours stand in front, each of which adds to X-Forwarded-For.
TRUSTED_PROXIES = env.whole_number("TRUSTED_PROXIES", 0, least=0, most=10)
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
# Where people find the site; '' is where the request says it was sent. Behind a proxy that ends TLS
# that is http. Believing a header of the proxy's (SECURE_PROXY_SSL_HEADER) would mend it too, but
# lets anybody say that their request is secure where the proxy does not strip that header.
SITE_URL = env.origin("SITE_URL")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "accounts.CustomUser"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "accounts",
    "census",  # before django_q: its `qcluster` command replaces the library's
    "scraper",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_q",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.toast_middleware",
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
TIME_ZONE = "America/Bogota"
USE_I18N = True
USE_TZ = True

# --- Database ---------------------------------------------------------------------------------

VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)

DATABASES = {"default": database.from_environment(VAR_DIR / "censo.sqlite3")}
# How many connections to PostgreSQL the threads of one web process share (config/pool.py).
DATABASE_POOL_SIZE = env.whole_number("DATABASE_POOL_SIZE", 10, least=1, most=100)

# --- The law ----------------------------------------------------------------------------------

# Who answers for the data; named in the policy, and part of what people accept.
RESPONSIBLE = Responsible(
    name=env.text("RESPONSIBLE_NAME"),
    identification=env.text("RESPONSIBLE_ID"),
    address=env.text("RESPONSIBLE_ADDRESS"),
    email=env.text("RESPONSIBLE_EMAIL"),
    phone=env.text("RESPONSIBLE_PHONE"),
)

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
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

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
LOOKUP_CONCURRENCY = env.whole_number("LOOKUP_CONCURRENCY", 8, least=1, most=64)
LOOKUP_TIMEOUT_SECONDS = env.seconds("LOOKUP_TIMEOUT_SECONDS", 180, least=1, most=3600)
RETRY_DELAYS_SECONDS = env.seconds_list(
    "RETRY_DELAYS_SECONDS", (60, 300, 900), least=0, most=7 * 24 * 3600
)
PAUSE_AFTER_BLOCKS = env.whole_number("PAUSE_AFTER_BLOCKS", 3, least=1, most=1000)
PAUSE_SECONDS = env.seconds_list("PAUSE_SECONDS", (60, 300, 1800), least=0, most=7 * 24 * 3600)
REFRESH_COOLDOWN_SECONDS = env.seconds("REFRESH_COOLDOWN_SECONDS", 30, least=0, most=24 * 3600)
CAPTCHA_SOLVER = env.choice("CAPTCHA_SOLVER", ("none", "2captcha"), "none")
TWOCAPTCHA_API_KEY = env.text("TWOCAPTCHA_API_KEY")
TWOCAPTCHA_URL = env.web_address("TWOCAPTCHA_URL", "https://2captcha.com")
TWOCAPTCHA_POLLING_SECONDS = env.seconds("TWOCAPTCHA_POLLING_SECONDS", 5, least=0.05, most=60)
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

# --- The queue --------------------------------------------------------------------------------

Q_WORKERS = env.whole_number("Q_WORKERS", 1, least=1, most=64)
REDIS_URL = env.address("REDIS_URL", schemes=("redis", "rediss", "unix"))
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
