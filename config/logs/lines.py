"""How log lines look, the same for every process: JSON on a server, text where people read along.

Nothing but the standard library is imported here: gunicorn's main process, which must load
nothing of the product, formats its lines by it too.
"""

import json
import logging
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

TIME_ZONE = "America/Bogota"
"""The site's own, and that of every line: gunicorn's main process does not know Django's."""
_ZONE = ZoneInfo(TIME_ZONE)

FORMATS = ("json", "text")
LEVELS = ("debug", "info", "warning", "error", "critical")


def settings(log_format: str, level: str) -> dict[str, Any]:
    """Django's LOGGING: every line of every logger to the standard error, in one format."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"{__name__}.{_FORMATTERS[log_format].__name__}"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
            # As Django has it: nobody is written to unless ADMINS is set.
            "mail_admins": {
                "class": "django.utils.log.AdminEmailHandler",
                "filters": ["not_in_debug"],
                "level": "ERROR",
            },
        },
        "filters": {"not_in_debug": {"()": "django.utils.log.RequireDebugFalse"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            "django": {"handlers": ["mail_admins"], "level": "NOTSET"},
            # Its own handler would print each line of runserver a second time.
            "django.server": {"handlers": [], "propagate": True, "level": "NOTSET"},
            # At DEBUG it repeats every statement with all values: names, phones, hashes.
            "django.db.backends": {"level": "INFO"},
        },
    }


def formatter(log_format: str) -> logging.Formatter:
    return _FORMATTERS[log_format]()


class LineFormatter(logging.Formatter):
    """What both formats share: the moment, and what a line is about.

    `extra={"fields": {…}}` of a logging call are values of the line's own. Other extras are
    somebody else's, such as Django's whole request, and are not written.
    """

    def formatTime(  # noqa: N802  the standard library's name
        self,
        record: logging.LogRecord,
        datefmt: str | None = None,  # noqa: ARG002
    ) -> str:
        """ISO 8601 with the distance from UTC."""
        return datetime.fromtimestamp(record.created, _ZONE).isoformat(timespec="milliseconds")

    @staticmethod
    def fields(record: logging.LogRecord) -> dict[str, Any]:
        """The ids that are bound, then what the call itself gave."""
        return {**getattr(record, "bound_ids", {}), **getattr(record, "fields", {})}

    def trace(self, record: logging.LogRecord) -> str:
        """The exception's traceback and the stack, as far as the record has them."""
        # Masked already where accounts.privacy made the record.
        exception = record.exc_text or (
            self.formatException(record.exc_info)
            if record.exc_info and record.exc_info[0] is not None
            else ""
        )
        return "\n".join(part for part in (exception, record.stack_info) if part)


class JsonFormatter(LineFormatter):
    """One JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **self.fields(record),
            "pid": record.process,
        }
        if trace := self.trace(record):
            line["exception"] = trace
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(LineFormatter):
    """The same for people: the moment, the level, who says it, what, and then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        head = f"{self.formatTime(record)} {record.levelname:<8} {record.name}: "
        fields = "".join(f" {name}={_word(value)}" for name, value in self.fields(record).items())
        trace = self.trace(record)
        return head + record.getMessage() + fields + (f"\n{trace}" if trace else "")


def _word(value: object) -> str:
    """The value as it is where it is one plain word, else in quotes."""
    text = str(value)
    return text if text.isprintable() and text.split() == [text] else json.dumps(text)


_FORMATTERS: dict[str, type[LineFormatter]] = {"json": JsonFormatter, "text": TextFormatter}
