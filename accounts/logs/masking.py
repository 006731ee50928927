"""Mask personal data in logs and error reports.

Our own log lines name rows by id and contain no cédula. Foreign texts may contain one: a database's
message quotes the duplicate key, a request what was typed, a server log the URL. They are masked
when the log record is created, so that no handler of any process sees them unmasked. Other lines
are left alone, because the masking would also hide ids and times.
"""

import logging
import re
from collections.abc import ItemsView, Mapping
from types import FrameType
from typing import Any, cast

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from accounts.identity.cedula import masked_in
from accounts.logs import context

QUOTE_REQUESTS = ("django.request", "django.security", "django.server", "gunicorn.error")
"""Loggers whose lines quote the URL."""
ACCESS_LOG, ACCESS_ATOMS = "gunicorn.access", frozenset("rUqf")
"""Its masked values: request line, path, query and referrer."""
TASK_LOG = "django-q"
"""Its errors quote a task's traceback."""

_formatter = logging.Formatter()
_REFUSED_ROW = re.compile(r"(?<=Failing row contains )\(.*\)")
"""All values of the row, among them names and phones."""


def mask_log_records() -> None:
    """Create every log record of this process as a `PrivateRecord`."""
    logging.setLogRecordFactory(PrivateRecord)


class PrivateRecord(logging.LogRecord):
    """A log record with foreign texts masked, and with the ids of its context."""

    bound_ids: context.Fields
    """The ids bound when the record was created, or where its exception was raised."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        error = self.exc_info[1] if self.exc_info else None
        self.bound_ids = {**context.bound_when_raised(error), **context.fields()}
        self.msg = _without_cedula(self.msg)
        if isinstance(self.args, tuple):
            self.args = tuple(_without_cedula(value) for value in self.args)
        elif self.name == ACCESS_LOG and isinstance(self.args, Mapping):
            self.args = {
                key: masked_in(str(value)) if key in ACCESS_ATOMS else value
                for key, value in self.args.items()
            }
        if self.name.startswith(QUOTE_REQUESTS) or self._tells_of_a_failed_task:
            self.msg, self.args = _masked(self.getMessage()), ()
        if self.exc_info and self.exc_info[0] is not None:
            # A formatter uses exc_text if it is set.
            self.exc_text = _masked(_formatter.formatException(self.exc_info))

    @property
    def _tells_of_a_failed_task(self) -> bool:
        return self.name == TASK_LOG and self.levelno >= logging.ERROR


def _without_cedula(value: object) -> Any:
    return _masked(str(value)) if isinstance(value, BaseException | HttpRequest) else value


def _masked(text: str) -> str:
    """Mask cédulas, and the row that PostgreSQL quotes when it refuses it."""
    return _REFUSED_ROW.sub("(…)", masked_in(text))


class PrivateReporterFilter(SafeExceptionReporterFilter):
    """Hide typed values and URLs in error reports, by the name of the variable."""

    hidden_settings = re.compile(
        SafeExceptionReporterFilter.hidden_settings.pattern
        + "|CEDULA|USERNAME|PHONE|NOMBRE|GOAL|SEARCH|DIGITS|DSN|^q$|^params$|^code$|^amount$"
        "|QUERY_STRING|REQUEST_URI|RAW_URI|REFERER|CURRENT_URL",
        re.IGNORECASE,
    )

    def is_active(self, request: HttpRequest | None) -> bool:  # noqa: ARG002
        """Hide them with DEBUG too, because people send such pages to others for help."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return self.by_name(super().get_post_parameters(request))

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        return self.by_name(dict(super().get_traceback_frame_variables(request, tb_frame))).items()

    def by_name(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Hide the values with private names, at any depth."""
        return {name: self.cleanse_setting(name, value) for name, value in values.items()}


class PrivateReporter(ExceptionReporter):
    """An error report, as a page or an email, with the cédulas masked in all of its text."""

    def get_traceback_data(self) -> dict[str, Any]:
        data = super().get_traceback_data()
        if self.request is not None:
            hide = cast("PrivateReporterFilter", self.filter).by_name
            data["request_GET_items"] = hide(self.request.GET).items()
            data["request_insecure_uri"] = self.request.path
        return data

    def get_traceback_html(self) -> SafeString:
        return SafeString(masked_in(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        return SafeString(masked_in(super().get_traceback_text()))
