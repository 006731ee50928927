"""Where the data is kept, as DATABASE_URL says."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from config import env

SQLITE = "django.db.backends.sqlite3"
SCHEMES = ("sqlite", "postgres", "postgresql")

SQLITE_OPTIONS = {
    # IMMEDIATE takes the write lock at BEGIN, where `timeout` can wait for it. With the
    # default, a transaction that reads first fails at once with "database is locked".
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;"
        # 16 MB at the most for each connection, where SQLite would keep 2: at a million rows the
        # place in the line takes three quarters of the time, `/salud/` half (benchmarks/growth.py).
        "PRAGMA cache_size=-16000;"
    ),
}


def from_environment(default_file: Path) -> dict[str, Any]:
    """Django's settings of the database; SQLite in `default_file` where DATABASE_URL is not set.

    Raises ImproperlyConfigured. No message repeats the address: it may hold a password.
    """
    address = env.secret("DATABASE_URL")
    database = _read(address) if address else _in_a_folder_of_ours(default_file)
    if database["ENGINE"] == SQLITE:
        database["OPTIONS"] = SQLITE_OPTIONS
    return database | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}


def _in_a_folder_of_ours(file: Path) -> dict[str, Any]:
    # Here alone: on a server the code's folder is not written to, and DATABASE_URL names another.
    try:
        file.parent.mkdir(exist_ok=True)
    except OSError as problem:
        raise ImproperlyConfigured(
            f"DATABASE_URL must be set: {file.parent} cannot be made ({problem.strerror})."
        ) from None
    return {"ENGINE": SQLITE, "NAME": str(file)}


def _read(address: str) -> dict[str, Any]:
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
