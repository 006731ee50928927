"""Neither logs nor error reports tell who somebody is.

Our own log lines name rows by their id and hold no cédula. But texts of others do: a database says
which key is taken, a browser what was typed, a server which address was asked for. Those texts are
masked where the record is made, so that no handler of any process sees them otherwise. Only those:
a rule for every line would take ids and times along.
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
"""Loggers whose lines repeat what was asked for."""
ACCESS_LOG, ACCESS_ATOMS = "gunicorn.access", frozenset("rUqf")
"""Of its values: request line, path, query and the page that led there."""
TASK_LOG = "django-q"
"""Its errors repeat a task's traceback."""

_formatter = logging.Formatter()
_REFUSED_ROW = re.compile(r"(?<=Failing row contains )\(.*\)")
"""All its values: names and phones too."""


def mask_log_records() -> None:
    """Have every log record of this process made by `PrivateRecord`, whoever logs and handles."""
    logging.setLogRecordFactory(PrivateRecord)


class PrivateRecord(logging.LogRecord):
    """A log record in which no text of others shows a cédula, and that knows what it is about."""

    bound_ids: context.Fields
    """What was bound when it was made, or where its exception came from."""

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
            # Formatters take what is there already.
            self.exc_text = _masked(_formatter.formatException(self.exc_info))

    @property
    def _tells_of_a_failed_task(self) -> bool:
        return self.name == TASK_LOG and self.levelno >= logging.ERROR


def _without_cedula(value: object) -> Any:
    return _masked(str(value)) if isinstance(value, BaseException | HttpRequest) else value


def _masked(text: str) -> str:
    """Without cédulas, and without the row that PostgreSQL repeats when it refuses one."""
    return _REFUSED_ROW.sub("(…)", masked_in(text))


class PrivateReporterFilter(SafeExceptionReporterFilter):
    """Hides what people typed and what an address asked for, by name, wherever it turns up."""

    hidden_settings = re.compile(
        SafeExceptionReporterFilter.hidden_settings.pattern
        + "|CEDULA|USERNAME|PHONE|NOMBRE|GOAL|SEARCH|DIGITS|DSN|^q$|^params$|^code$|^amount$"
        "|QUERY_STRING|REQUEST_URI|RAW_URI|REFERER|CURRENT_URL",
        re.IGNORECASE,
    )

    def is_active(self, request: HttpRequest | None) -> bool:  # noqa: ARG002
        """Also where DEBUG is on: such a page is sent around for help."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return self.by_name(super().get_post_parameters(request))

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        return self.by_name(dict(super().get_traceback_frame_variables(request, tb_frame))).items()

    def by_name(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values with those hidden whose names say that they are private, at any depth."""
        return {name: self.cleanse_setting(name, value) for name, value in values.items()}


class PrivateReporter(ExceptionReporter):
    """An error's report, as a page or a mail, in which no cédula is left in any text."""

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
