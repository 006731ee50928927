"""gunicorn's settings: `gunicorn config.wsgi`, started in this folder, reads this file by itself.

Options on its command line win over these.
"""

import os
import sys
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from config.environment.declarations import Logs
from config.logs.gunicorn import logger_class as logger_class_for


def _log_settings() -> tuple[str, str]:
    """Return LOG_FORMAT and LOG_LEVEL, as config/settings.py reads them.

    Values from .env are dropped again: after SIGHUP, new processes must read .env anew.
    """
    before = dict(os.environ)
    try:
        environ.Env.read_env(Path(__file__).parent / ".env")
        return Logs.LOG_FORMAT.read(), Logs.LOG_LEVEL.read()
    except ImproperlyConfigured as problem:
        sys.exit(f"Configuration: {problem}")
    finally:
        os.environ.clear()
        os.environ.update(before)


_log_format, loglevel = _log_settings()
logger_class = logger_class_for(_log_format)
accesslog = "-"


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001  gunicorn's own arguments
    """Make each worker process import the code that is on the disk when it starts.

    Otherwise, after an upgrade and SIGHUP, it would mix the modules that this file imported with
    new ones.
    """
    for name in list(sys.modules):
        if name.partition(".")[0] in {"accounts", "config", "django", "environ"}:
            del sys.modules[name]
