"""The format of log lines, the same for every process: JSON on a server, text for development.

This module imports the standard library alone: gunicorn's main process, which must not load the
product, formats its lines with it too.
"""

import json
import logging
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

TIME_ZONE = "America/Bogota"
"""Of the site and of every line; here, because gunicorn's main process does not know Django's."""
_ZONE = ZoneInfo(TIME_ZONE)

FORMATS = ("json", "text")
LEVELS = ("debug", "info", "warning", "error", "critical")


def settings(log_format: str, level: str) -> dict[str, Any]:
    """Return Django's LOGGING: all loggers write to the standard error in one format."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"{__name__}.{_FORMATTERS[log_format].__name__}"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
            # Django's own default: nobody gets mail unless ADMINS is set.
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
            # Its own handler would write each line of runserver a second time.
            "django.server": {"handlers": [], "propagate": True, "level": "NOTSET"},
            # At DEBUG it logs every statement with all values: names, phones, hashes.
            "django.db.backends": {"level": "INFO"},
        },
    }


def formatter(log_format: str) -> logging.Formatter:
    return _FORMATTERS[log_format]()


class LineFormatter(logging.Formatter):
    """What both formats share: the time and the fields.

    A logging call gives fields as `extra={"fields": {…}}`. Other extras are not written: libraries
    set them, such as Django its whole request.
    """

    def formatTime(  # noqa: N802  the standard library's name
        self,
        record: logging.LogRecord,
        datefmt: str | None = None,  # noqa: ARG002
    ) -> str:
        """Return the time as ISO 8601 with the offset from UTC."""
        return datetime.fromtimestamp(record.created, _ZONE).isoformat(timespec="milliseconds")

    @staticmethod
    def fields(record: logging.LogRecord) -> dict[str, Any]:
        """Return the bound ids, then the fields of the logging call."""
        return {**getattr(record, "bound_ids", {}), **getattr(record, "fields", {})}

    def trace(self, record: logging.LogRecord) -> str:
        """Return the exception's traceback and the stack, if the record has them."""
        # exc_text is masked already where accounts.logs.masking made the record.
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
    """For people: time, level, logger, message, and then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        head = f"{self.formatTime(record)} {record.levelname:<8} {record.name}: "
        fields = "".join(f" {name}={_word(value)}" for name, value in self.fields(record).items())
        trace = self.trace(record)
        return head + record.getMessage() + fields + (f"\n{trace}" if trace else "")


def _word(value: object) -> str:
    """Return the value as it is where it is one printable word, else in quotes."""
    text = str(value)
    return text if text.isprintable() and text.split() == [text] else json.dumps(text)


_FORMATTERS: dict[str, type[LineFormatter]] = {"json": JsonFormatter, "text": TextFormatter}
