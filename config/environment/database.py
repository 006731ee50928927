"""Django's DATABASES from DATABASE_URL."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from config.environment.declarations import Storage

SQLITE = "django.db.backends.sqlite3"
SCHEMES = ("sqlite", "postgres", "postgresql")

SQLITE_OPTIONS = {
    # IMMEDIATE takes the write lock at BEGIN, where `timeout` can wait for it. With the
    # default, a transaction that reads first fails at once with "database is locked".
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;"
        # Up to 16 MB for each connection; SQLite's own limit is 2. At a million rows it takes the
        # time of a place in the queue down to three quarters, that of `/salud/` to half
        # (benchmarks/growth.py).
        "PRAGMA cache_size=-16000;"
    ),
}


def from_environment(default_file: Path) -> dict[str, Any]:
    """Return DATABASES["default"]: SQLite in `default_file` where DATABASE_URL is not set.

    Raises ImproperlyConfigured. No message repeats the address: it may hold a password.
    """
    address = Storage.DATABASE_URL.read()
    database = _parsed(address) if address else _sqlite_in(default_file)
    if database["ENGINE"] == SQLITE:
        database["OPTIONS"] = SQLITE_OPTIONS
    return database | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}


def _sqlite_in(file: Path) -> dict[str, Any]:
    # The folder of an address that is set is never made: on a server the code's own folder is not
    # writable, and DATABASE_URL names another.
    try:
        file.parent.mkdir(exist_ok=True)
    except OSError as problem:
        raise ImproperlyConfigured(
            f"DATABASE_URL must be set: {file.parent} cannot be made ({problem.strerror})."
        ) from None
    return {"ENGINE": SQLITE, "NAME": str(file)}


def _parsed(address: str) -> dict[str, Any]:
    try:
        scheme = urlsplit(address).scheme
        if scheme not in SCHEMES:
            raise ImproperlyConfigured(
                "DATABASE_URL must start with sqlite:/// or postgres://, for instance"
                " postgres://user:password@host/name."
            )
        database: dict[str, Any] = environ.Env.db_url_config(address)
    except ValueError:
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read: write postgres://user:password@host:port/name, with"
            " every sign in user and password that is no letter or digit percent-encoded."
        ) from None
    name = str(database["NAME"])
    if not name:
        raise ImproperlyConfigured(
            "DATABASE_URL must name a database, as in postgres://user:password@host/name."
        )
    if database["ENGINE"] == SQLITE and not Path(name).absolute().parent.is_dir():
        raise ImproperlyConfigured(
            f"DATABASE_URL names a file in a folder that is not there: {name}."
        )
    return database
