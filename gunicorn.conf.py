"""gunicorn's settings: `gunicorn config.wsgi`, started here, reads this file by itself.

What is set on its command line goes before what is set here.
"""

import os
import sys
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from config.environment import env
from config.logs import lines
from config.logs.gunicorn import logger_class as logger_class_for


def _chosen() -> tuple[str, str]:
    """LOG_FORMAT and LOG_LEVEL, as config/settings.py reads them.

    What stands in .env is forgotten again: after SIGHUP, new processes must read what it says then.
    """
    before = dict(os.environ)
    try:
        environ.Env.read_env(Path(__file__).parent / ".env")
        log_format = env.choice(
            "LOG_FORMAT",
            lines.FORMATS,
            lines.default_format(debug=env.boolean("DEBUG", default=False)),
        )
        return log_format, env.choice("LOG_LEVEL", lines.LEVELS, "info")
    except ImproperlyConfigured as problem:
        sys.exit(f"Configuration: {problem}")
    finally:
        os.environ.clear()
        os.environ.update(before)


_log_format, loglevel = _chosen()
logger_class = logger_class_for(_log_format)
accesslog = "-"


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001  gunicorn's own arguments
    """Let each process load the code that is there when it starts, not what this file loaded.

    After an upgrade and SIGHUP it would otherwise mix both.
    """
    for name in list(sys.modules):
        if name.partition(".")[0] in {"accounts", "config", "django", "environ"}:
            del sys.modules[name]
