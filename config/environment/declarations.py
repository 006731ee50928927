"""Every setting that an operator may set, in the order of .env.example and docs/settings.md.

Both are made from this file by `python -m tools.settings_docs`, and the cases of the configuration
test are taken from it. config/settings.py reads the values.
"""

from config.environment import setting
from config.environment.kinds import (
    BOOLEAN,
    DAY,
    EMAIL,
    FILE,
    HOSTS,
    ONE_ORIGIN,
    ORIGINS,
    SENTRY_ADDRESS,
    SHORT_NAME,
    TEXT,
    WEB_ADDRESS,
    Kind,
    address,
    choice,
    line,
    number,
    numbers,
    path,
    token,
    whole_number,
)
from config.environment.setting import Group, Setting
from config.logs.lines import FORMATS, LEVELS

A_DAY = 24 * 3600
A_WEEK = 7 * A_DAY
A_CENTURY = 36_500
"""In days."""

PUBLIC_PATHS = frozenset(
    {
        *("registro", "ingresar", "salir", "cambiar-clave", "perfil", "politica"),
        *("autorizar", "cuenta-eliminada"),
        *("mi-enlace", "censo", "refrescar-cedula", "referidos", "referido", "bulk-refresh"),
        *("salud", "metricas", "static", "manifest.webmanifest", "sw.js", "sin-conexion"),
    }
)
"""The first parts of our own pages' addresses: ADMIN_PATH must not hide one of them."""


class Site(Group):
    """The site."""

    SECRET_KEY = Setting(
        TEXT,
        "",
        "A random text of at least 50 characters; required where DEBUG is off. It signs sessions"
        " and queued tasks. To make one:"
        ' `python3 -c "import secrets; print(secrets.token_urlsafe(48))"`',
        wrong="",
        wrong_with={"DEBUG": "false"},
        secret=True,
    )
    DEBUG = setting.DEBUG
    ALLOWED_HOSTS = Setting(
        HOSTS,
        "localhost,127.0.0.1,[::1]",
        "The names under which the site is reached.",
        wrong="https://example.org/",
    )
    CSRF_TRUSTED_ORIGINS = Setting(
        ORIGINS,
        "",
        "Other origins from which the site's forms may be sent; `*.` stands for subdomains.",
        wrong="example.org",
        example="https://censo.example.org",
    )
    TRUSTED_PROXIES = Setting(
        whole_number(0, 10),
        "0",
        "How many proxies of yours stand in front. From one on the site insists on https, and"
        " believes what they say of the sender: they must set X-Forwarded-Proto, and add to"
        " X-Forwarded-For.",
        wrong="-1",
    )
    SECURE_HSTS_SECONDS = Setting(
        whole_number(0, 2 * 365 * A_DAY, "seconds"),
        # A month, not the usual year: browsers hold to it, and whoever loses TLS is locked out
        # for so long.
        str(30 * A_DAY),
        "How long a browser that came by https insists on it by itself: 30 days, or a year"
        " (31536000) once you are sure. Nobody can take it back.",
        in_debug="0",
        wrong="a year",
    )
    SITE_URL = Setting(
        ONE_ORIGIN,
        "",
        "Where people find the site, for the links that they share. Needed behind a proxy that"
        " ends TLS.",
        unset="as the request says",
        wrong="https://censo.example.org/inicio/",
        example="https://censo.example.org",
    )


class Storage(Group):
    """Database and queue."""

    DATABASE_URL = Setting(
        Kind(str, "sqlite:///… or postgres://…"),  # config/environment/database.py parses it
        "",
        "SQLite serves one machine with a local disk. Percent-encode signs in the password.",
        unset="SQLite in `var/`",
        wrong="nonsense",
        example="postgres://user:password@host:5432/name",
        secret=True,
    )
    DATABASE_POOL_SIZE = Setting(
        whole_number(1, 100),
        "10",
        "How many connections to PostgreSQL one web process holds at most, whatever its threads.",
        wrong="0",
    )
    REDIS_URL = Setting(
        address("redis", "rediss", "unix"),
        "",
        "Redis as the queue's broker.",
        unset="the database is the broker",
        wrong="localhost",
        example="redis://host:6379/0",
        secret=True,
    )
    QUEUE_NAME = Setting(
        SHORT_NAME,
        "censo",
        "The queue's name. Sites that share a Redis need one each, or they take each other's"
        " tasks.",
        wrong="censo al día",
    )


class Controller(Group):
    """Who answers for the data (Ley 1581).

    Named in the policy that people accept. `manage.py check --deploy` requires the name, the
    address and the e-mail address.
    """

    RESPONSIBLE_NAME = Setting(
        line(200),
        "",
        "The person or organisation. Another name or number asks everybody for their consent"
        " again.",
        wrong="Campaña\nde ejemplo",
        example="Campaña de ejemplo",
    )
    RESPONSIBLE_ID = Setting(
        line(50), "", "Their NIT or cédula.", wrong="9" * 51, example="NIT 900.123.456-7"
    )
    RESPONSIBLE_ADDRESS = Setting(
        line(200),
        "",
        "Their address, city included.",
        wrong="Calle 1\tBogotá",
        example="Calle 1 # 2-3, Bogotá",
    )
    RESPONSIBLE_EMAIL = Setting(
        EMAIL,
        "",
        "Where people write about their data.",
        wrong="datos en example.org",
        example="datos@example.org",
    )
    RESPONSIBLE_PHONE = Setting(
        line(50), "", "Where they call.", wrong="601 234\n5678", example="601 234 5678"
    )


class Access(Group):
    """Administration."""

    ADMIN_PATH = Setting(
        path(taken=PUBLIC_PATHS),
        "admin/",
        "Where the administration is. Robots try `admin/` on every site.",
        wrong="perfil/",
    )
    REQUIRE_SUPERADMIN_TOTP = Setting(
        BOOLEAN,
        "true",
        "Whether the administration requires the verification in two steps.",
        in_debug="false",
        wrong="sometimes",
    )


class Rates(Group):
    """Rate limits."""

    # A rally's two hundred people share one address, and so do all customers behind a mobile
    # operator's gateway.
    THROTTLE_REGISTRATIONS_PER_ADDRESS = Setting(
        whole_number(1, 1_000_000),
        "300",
        "How many accounts one address may make in ten minutes: a rally shares one address.",
        wrong="0",
    )
    THROTTLE_REGISTRATIONS_PER_ADDRESS_PER_DAY = Setting(
        whole_number(1, 10_000_000), "3000", "The same in a day.", wrong="-3"
    )
    THROTTLE_TAKEN_CEDULAS_PER_ADDRESS = Setting(
        whole_number(1, 1_000_000),
        "20",
        "How many different cédulas that have an account already one address may try to register"
        " in an hour.",
        wrong="no",
    )


class Lookups(Group):
    """The census.

    Seconds may be fractions.
    """

    REGISTRADURIA_URL = Setting(
        WEB_ADDRESS,
        "",
        "The census page; where DEBUG is on, the simulator's. Without one every lookup ends in an"
        " error.",
        in_debug="http://127.0.0.1:8800/censo/consultar/",
        wrong="ftp://example.org/",
    )
    LOOKUP_INTERVAL_SECONDS = Setting(
        number(0.05, 3600, "seconds"),
        "5",
        "The least time between two visits, over all workers; at least 5 for registraduria.gov.co.",
        wrong="-1",
    )
    LOOKUP_CONCURRENCY = Setting(
        whole_number(1, 64),
        "12",
        "How many lookups one worker holds in flight at most; it takes as many as captchas take"
        " intervals.",
        wrong="1.5",
    )
    LOOKUP_TIMEOUT_SECONDS = Setting(
        number(1, 3600, "seconds"),
        "180",
        "How long one lookup may take, from its visit.",
        wrong="never",
    )
    RETRY_DELAYS_SECONDS = Setting(
        numbers(0, A_WEEK, "seconds"),
        "60,300,900",
        "The waits before the second, third and fourth attempt; one more number is one attempt"
        " more.",
        wrong="60,soon",
    )
    PAUSE_AFTER_BLOCKS = Setting(
        whole_number(1, 1000),
        "3",
        "After how many blocked lookups in a row all workers pause.",
        wrong="0",
    )
    PAUSE_SECONDS = Setting(
        numbers(0, A_WEEK, "seconds"),
        "60,300,1800",
        "How long the first pause takes, the second, and every further one.",
        wrong="-1",
    )
    REFRESH_COOLDOWN_SECONDS = Setting(
        number(0, A_DAY, "seconds"), "30", "How long before a person may ask again.", wrong="nan"
    )


class Captcha(Group):
    """The captcha.

    README.md says under "Going live" what to think of first.
    """

    CAPTCHA_SOLVER = Setting(
        choice("none", "2captcha"),
        "none",
        "Who solves the census page's captchas: nobody, or the paid service 2captcha.",
        wrong="magic",
    )
    TWOCAPTCHA_API_KEY = Setting(
        TEXT,
        "",
        "The key of the account at 2captcha; required with that solver.",
        wrong="",
        wrong_with={"CAPTCHA_SOLVER": "2captcha"},
        secret=True,
    )
    TWOCAPTCHA_URL = Setting(
        WEB_ADDRESS, "https://2captcha.com", "The service, or a stand-in.", wrong="2captcha.com"
    )
    TWOCAPTCHA_POLLING_SECONDS = Setting(
        number(0.05, 60, "seconds"),
        "5",
        "The time between two questions for a token.",
        wrong="0",
    )
    CAPTCHA_DAILY_LIMIT = Setting(
        whole_number(0, 1_000_000),
        "0",
        "How many captchas all workers together may buy in a day; then all pause until midnight."
        " 0 is no limit.",
        wrong="-1",
    )


class Retention(Group):
    """How long data is kept, and who sees it.

    What is older is deleted once a day; 0 days keep it until the next of these deletions.
    """

    RETENTION_ATTEMPTS_DAYS = Setting(
        whole_number(0, A_CENTURY, "days"), "90", "Attempts at lookups.", wrong="-1"
    )
    RETENTION_RAW_RESPONSE_DAYS = Setting(
        whole_number(0, A_CENTURY, "days"),
        "7",
        "The text of a page that was not understood, its numbers masked.",
        wrong="1.5",
    )
    RETENTION_ACCESS_LOG_DAYS = Setting(
        whole_number(0, A_CENTURY, "days"),
        "365",
        "Who opened or exported what, and what was done in the administration.",
        wrong="a year",
    )
    RETENTION_PROOF_DAYS = Setting(
        whole_number(0, A_CENTURY, "days"),
        # The authority can sanction for three years (Ley 1437 of 2011, art. 52): the proof must
        # outlast that, and a proceeding that begins on its last day.
        str(5 * 365),
        "The proof of the consents of a deleted account: a keyed hash, dates, and which text; no"
        " name and no cédula.",
        wrong="36501",
    )
    CAMPAIGN_ENDS_ON = Setting(
        DAY,
        "",
        "The campaign's last day. Without one, accounts stay until they are deleted one by one.",
        wrong="31/10/2027",
        example="2027-10-31",
    )
    RETENTION_AFTER_CAMPAIGN_DAYS = Setting(
        whole_number(0, A_CENTURY, "days"),
        "30",
        "So many days after the campaign's last one every account but superusers' is deleted, with"
        " all that was known of them.",
        wrong="soon",
    )
    SHOW_NOVEDAD_TO_LEADERS = Setting(
        BOOLEAN,
        "false",
        "Whether leaders see why a referido's cédula is cancelled, and not only that it is.",
        wrong="sometimes",
    )


class Logs(Group):
    """Logs and error reports."""

    LOG_FORMAT = Setting(
        choice(*FORMATS),
        "json",
        "How every process writes its log, to the standard error.",
        in_debug="text",
        wrong="xml",
    )
    LOG_LEVEL = Setting(
        choice(*LEVELS), "info", "The least severe lines that are written.", wrong="loud"
    )
    SENTRY_DSN = Setting(
        SENTRY_ADDRESS,
        "",
        "Errors are reported to this Sentry as well; docs/privacy.md says what leaves then.",
        wrong="https://sentry.example.org/geheim",
        example="https://KEY@sentry.example.org/1",
        secret=True,
    )
    SENTRY_ENVIRONMENT = Setting(
        SHORT_NAME,
        "production",
        "The environment under which the reports are filed.",
        in_debug="development",
        wrong="la prueba",
    )
    SENTRY_TRACES_SAMPLE_RATE = Setting(
        number(0, 1), "0", "The share of requests whose timing is sent too.", wrong="1.5"
    )


class Monitoring(Group):
    """Monitoring."""

    METRICS_TOKEN = Setting(
        token(16),
        "",
        "Whoever sends it as `Authorization: Bearer …` reads `/metricas/`. Without one there is no"
        " such page.",
        wrong="short",
        secret=True,
    )


class Machine(Group):
    """The machine."""

    CHROMIUM_PATH = Setting(
        FILE,
        "",
        "The browser's executable.",
        unset="found by itself in the usual places",
        wrong="/no/such/browser",
        example="/usr/lib/chromium/chromium",
    )
    Q_WORKERS = Setting(
        whole_number(1, 64),
        "1",
        "Worker processes of one `qcluster`. One is right; more capacity is more machines.",
        wrong="many",
    )


class Runner(Group):
    """Read by `make run` alone."""

    PORT = Setting(whole_number(1, 65535), "8000", "Where the site listens.", wrong="0")
    SIMULATOR_PORT = Setting(
        whole_number(1, 65535), "8800", "Where the simulator of the census listens.", wrong="65536"
    )


GROUPS = Group.__subclasses__()
"""In the order of their definition."""
SETTINGS = [declared for group in GROUPS for declared in group.settings()]
