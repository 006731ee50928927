"""Every setting that an operator may set, in the order of .env.example and docs/settings.md.

`python -m tools.settings_docs` makes both from this file: the docstring of a group is its heading,
and that of a setting tells operators what it means. config/settings.py reads the values.
"""

from config.environment import kinds, setting
from config.environment.setting import Group, Setting
from config.logs.lines import FORMATS, LEVELS

A_DAY = 24 * 3600
A_WEEK = 7 * A_DAY

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

    SECRET_KEY = Setting(kinds.TEXT, wrong="", wrong_with={"DEBUG": "false"}, secret=True)
    """A random text of at least 50 characters; required where DEBUG is off. It signs sessions and
    queued tasks. To make one: `python3 -c "import secrets; print(secrets.token_urlsafe(48))"`"""
    DEBUG = setting.DEBUG
    """For development only. `make setup` writes a `.env` that turns it on."""
    ALLOWED_HOSTS = Setting(kinds.HOSTS, "localhost,127.0.0.1,[::1]", wrong="https://example.org/")
    """The names under which the site is reached."""
    CSRF_TRUSTED_ORIGINS = Setting(
        kinds.ORIGINS, wrong="example.org", example="https://censo.example.org"
    )
    """Other origins from which the site's forms may be sent; `*.` stands for subdomains."""
    TRUSTED_PROXIES = Setting(kinds.whole_number(0, 10), "0", wrong="-1")
    """How many proxies of yours stand in front. From one on the site insists on https, and believes
    what they say of the sender: they must set X-Forwarded-Proto, and add to X-Forwarded-For."""
    # A month, not the usual year: browsers hold to it, and whoever loses TLS is locked out for so
    # long.
    SECURE_HSTS_SECONDS = Setting(
        kinds.whole_number(0, 2 * 365 * A_DAY, "seconds"),
        str(30 * A_DAY),
        in_debug="0",
        wrong="a year",
    )
    """How long a browser that came by https insists on it by itself: 30 days, or a year (31536000)
    once you are sure. Nobody can take it back."""
    SITE_URL = Setting(
        kinds.ONE_ORIGIN,
        unset="as the request says",
        wrong="https://censo.example.org/inicio/",
        example="https://censo.example.org",
    )
    """Where people find the site, for the links that they share. Needed behind a proxy that ends
    TLS."""


class Storage(Group):
    """Database and queue."""

    DATABASE_URL = Setting(
        kinds.DATABASE_ADDRESS,
        unset="SQLite in `var/`",
        wrong="nonsense",
        example="postgres://user:password@host:5432/name",
        secret=True,
    )
    """SQLite serves one machine with a local disk. Percent-encode signs in the password."""
    DATABASE_POOL_SIZE = Setting(kinds.whole_number(1, 100), "10", wrong="0")
    """How many connections to PostgreSQL one web process holds at most, whatever its threads."""
    REDIS_URL = Setting(
        kinds.address("redis", "rediss", "unix"),
        unset="the database is the broker",
        wrong="localhost",
        example="redis://host:6379/0",
        secret=True,
    )
    """Redis as the queue's broker."""
    QUEUE_NAME = Setting(kinds.SHORT_NAME, "censo", wrong="censo al día")
    """The queue's name. Sites that share a Redis need one each, or they take each other's tasks."""


class Controller(Group):
    """Who answers for the data (Ley 1581).

    Named in the policy that people accept. `manage.py check --deploy` requires the name, the
    address and the e-mail address.
    """

    RESPONSIBLE_NAME = Setting(
        kinds.line(200), wrong="Campaña\nde ejemplo", example="Campaña de ejemplo"
    )
    """The person or organisation. Another name or number asks everybody for their consent again."""
    RESPONSIBLE_ID = Setting(kinds.line(50), wrong="9" * 51, example="NIT 900.123.456-7")
    """Their NIT or cédula."""
    RESPONSIBLE_ADDRESS = Setting(
        kinds.line(200), wrong="Calle 1\tBogotá", example="Calle 1 # 2-3, Bogotá"
    )
    """Their address, city included."""
    RESPONSIBLE_EMAIL = Setting(
        kinds.EMAIL, wrong="datos en example.org", example="datos@example.org"
    )
    """Where people write about their data."""
    RESPONSIBLE_PHONE = Setting(kinds.line(50), wrong="601 234\n5678", example="601 234 5678")
    """Where they call."""


class Access(Group):
    """Administration."""

    ADMIN_PATH = Setting(kinds.path(taken=PUBLIC_PATHS), "admin/", wrong="perfil/")
    """Where the administration is. Robots try `admin/` on every site."""
    REQUIRE_SUPERADMIN_TOTP = Setting(kinds.BOOLEAN, "true", in_debug="false", wrong="sometimes")
    """Whether the administration requires the verification in two steps."""


class Rates(Group):
    """Rate limits."""

    # A rally's two hundred people share one address, and so do all customers behind a mobile
    # operator's gateway.
    THROTTLE_REGISTRATIONS_PER_ADDRESS = Setting(kinds.whole_number(1, 1_000_000), "300", wrong="0")
    """How many accounts one address may make in ten minutes: a rally shares one address."""
    THROTTLE_REGISTRATIONS_PER_ADDRESS_PER_DAY = Setting(
        kinds.whole_number(1, 10_000_000), "3000", wrong="-3"
    )
    """The same in a day."""
    THROTTLE_TAKEN_CEDULAS_PER_ADDRESS = Setting(kinds.whole_number(1, 1_000_000), "20", wrong="no")
    """How many different cédulas that have an account already one address may try to register in an
    hour."""


class Lookups(Group):
    """The census.

    Seconds may be fractions.
    """

    REGISTRADURIA_URL = Setting(
        kinds.WEB_ADDRESS,
        in_debug="http://127.0.0.1:8800/censo/consultar/",
        wrong="ftp://example.org/",
    )
    """The census page; where DEBUG is on, the simulator's. Without one every lookup ends in an
    error."""
    LOOKUP_INTERVAL_SECONDS = Setting(kinds.number(0.05, 3600, "seconds"), "5", wrong="-1")
    """The least time between two visits, over all workers; at least 5 for registraduria.gov.co."""
    LOOKUP_CONCURRENCY = Setting(kinds.whole_number(1, 64), "12", wrong="1.5")
    """How many lookups one worker holds in flight at most; it takes as many as captchas take
    intervals."""
    LOOKUP_TIMEOUT_SECONDS = Setting(kinds.number(1, 3600, "seconds"), "180", wrong="never")
    """How long one lookup may take, from its visit."""
    RETRY_DELAYS_SECONDS = Setting(
        kinds.numbers(0, A_WEEK, "seconds"), "60,300,900", wrong="60,soon"
    )
    """The waits before the second, third and fourth attempt; one more number is one attempt
    more."""
    PAUSE_AFTER_BLOCKS = Setting(kinds.whole_number(1, 1000), "3", wrong="0")
    """After how many blocked lookups in a row all workers pause."""
    PAUSE_SECONDS = Setting(kinds.numbers(0, A_WEEK, "seconds"), "60,300,1800", wrong="-1")
    """How long the first pause takes, the second, and every further one."""
    REFRESH_COOLDOWN_SECONDS = Setting(kinds.number(0, A_DAY, "seconds"), "30", wrong="nan")
    """How long before a person may ask again."""


class Captcha(Group):
    """The captcha.

    README.md says under "Going live" what to think of first.
    """

    CAPTCHA_SOLVER = Setting(kinds.choice("none", "2captcha"), "none", wrong="magic")
    """Who solves the census page's captchas: nobody, or the paid service 2captcha."""
    TWOCAPTCHA_API_KEY = Setting(
        kinds.TEXT, wrong="", wrong_with={"CAPTCHA_SOLVER": "2captcha"}, secret=True
    )
    """The key of the account at 2captcha; required with that solver."""
    TWOCAPTCHA_URL = Setting(kinds.WEB_ADDRESS, "https://2captcha.com", wrong="2captcha.com")
    """The service, or a stand-in."""
    TWOCAPTCHA_POLLING_SECONDS = Setting(kinds.number(0.05, 60, "seconds"), "5", wrong="0")
    """The time between two questions for a token."""
    CAPTCHA_DAILY_LIMIT = Setting(kinds.whole_number(0, 1_000_000), "0", wrong="-1")
    """How many captchas all workers together may buy in a day; then all pause until midnight. 0 is
    no limit."""


class Retention(Group):
    """How long data is kept, and who sees it.

    What is older is deleted once a day; 0 days keep it until the next of these deletions.
    """

    RETENTION_ATTEMPTS_DAYS = Setting(kinds.DAYS, "90", wrong="-1")
    """Attempts at lookups."""
    RETENTION_RAW_RESPONSE_DAYS = Setting(kinds.DAYS, "7", wrong="1.5")
    """The text of a page that was not understood, its numbers masked."""
    RETENTION_ACCESS_LOG_DAYS = Setting(kinds.DAYS, "365", wrong="a year")
    """Who opened or exported what, and what was done in the administration."""
    # The authority can sanction for three years (Ley 1437 of 2011, art. 52): the proof must outlast
    # that, and a proceeding that begins on its last day.
    RETENTION_PROOF_DAYS = Setting(kinds.DAYS, str(5 * 365), wrong="36501")
    """The proof of the consents of a deleted account: a keyed hash, dates, and which text; no name
    and no cédula."""
    CAMPAIGN_ENDS_ON = Setting(kinds.DAY, wrong="31/10/2027", example="2027-10-31")
    """The campaign's last day. Without one, accounts stay until they are deleted one by one."""
    RETENTION_AFTER_CAMPAIGN_DAYS = Setting(kinds.DAYS, "30", wrong="soon")
    """So many days after the campaign's last one every account but superusers' is deleted, with all
    that was known of them."""
    SHOW_NOVEDAD_TO_LEADERS = Setting(kinds.BOOLEAN, "false", wrong="sometimes")
    """Whether leaders see why a referido's cédula is cancelled, and not only that it is."""


class Logs(Group):
    """Logs and error reports."""

    LOG_FORMAT = Setting(kinds.choice(*FORMATS), "json", in_debug="text", wrong="xml")
    """How every process writes its log, to the standard error."""
    LOG_LEVEL = Setting(kinds.choice(*LEVELS), "info", wrong="loud")
    """The least severe lines that are written."""
    SENTRY_DSN = Setting(
        kinds.SENTRY_ADDRESS,
        wrong="https://sentry.example.org/geheim",
        example="https://KEY@sentry.example.org/1",
        secret=True,
    )
    """Errors are reported to this Sentry as well; docs/privacy.md says what leaves then."""
    SENTRY_ENVIRONMENT = Setting(
        kinds.SHORT_NAME, "production", in_debug="development", wrong="la prueba"
    )
    """The environment under which the reports are filed."""
    SENTRY_TRACES_SAMPLE_RATE = Setting(kinds.number(0, 1), "0", wrong="1.5")
    """The share of requests whose timing is sent too."""


class Monitoring(Group):
    """Monitoring."""

    METRICS_TOKEN = Setting(kinds.token(16), wrong="short", secret=True)
    """Whoever sends it as `Authorization: Bearer …` reads `/metricas/`. Without one there is no
    such page."""


class Machine(Group):
    """The machine."""

    CHROMIUM_PATH = Setting(
        kinds.FILE,
        unset="found by itself in the usual places",
        wrong="/no/such/browser",
        example="/usr/lib/chromium/chromium",
    )
    """The browser's executable."""
    Q_WORKERS = Setting(kinds.whole_number(1, 64), "1", wrong="many")
    """Worker processes of one `qcluster`. One is right; more capacity is more machines."""


class Runner(Group):
    """Read by `make run` alone."""

    PORT = Setting(kinds.PORT, "8000", wrong="0")
    """Where the site listens."""
    SIMULATOR_PORT = Setting(kinds.PORT, "8800", wrong="65536")
    """Where the simulator of the census listens."""


GROUPS = Group.__subclasses__()
"""In the order of their definition."""
SETTINGS = [declared for group in GROUPS for declared in group.settings()]
