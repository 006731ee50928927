"""Reduce an error event to the fields that may be sent to Sentry.

The event is rebuilt from the fields listed here. Anything else that the library adds, now or in a
later version, is not sent: variables, headers, cookies, bodies, queries, the user.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from accounts.logs.context import Fields

MOST_CHARACTERS = 200

_QUOTED = re.compile(r"(?<!\w)'.*?'(?!\w)|\".*?\"|«.*?»|“.*?”|`.*?`")
"""Quoted values in exceptions. An apostrophe inside a word is not a quote."""
_LITERAL = re.compile(r"'[^']*'")
"""A value in an SQL statement; placeholders and names stay."""
_NUMBER = re.compile(r"\d(?:(?:%20|[\s.,+-])?\d){5,}")
"""Six digits or more, however separated: cédulas and phones, and also ids."""

_EVENT = (
    *("event_id", "type", "level", "logger", "platform", "timestamp", "start_timestamp"),
    *("release", "environment", "server_name", "sdk", "transaction_info"),
)
_FRAME = (
    *("filename", "function", "module", "lineno", "in_app"),
    *("pre_context", "context_line", "post_context"),
)
_TRACE = ("trace_id", "span_id", "parent_span_id", "op", "status", "origin")
_SPAN = (*_TRACE, "timestamp", "start_timestamp")

Part = Mapping[str, Any]


def without_values(text: object) -> str:
    """The first line of a message without its values; the log has all of it."""
    first, *_ = str(text).splitlines() or [""]
    return _NUMBER.sub("…", _QUOTED.sub("…", first))[:MOST_CHARACTERS]


def sanitised(event: Part, ids: Fields) -> dict[str, Any]:
    """The event or trace to send: the failure, its place in the code, and the ids."""
    sent = _only(event, _EVENT) | {"tags": {name: str(value) for name, value in ids.items()}}
    if "transaction" in event:
        sent["transaction"] = without_values(event["transaction"])
    if "exception" in event:
        sent["exception"] = {"values": [_exception(one) for one in _values(event["exception"])]}
    if "logentry" in event:
        entry = event["logentry"]
        sent["logentry"] = {
            "formatted": without_values(entry.get("formatted") or entry.get("message", ""))
        }
    if "breadcrumbs" in event:
        sent["breadcrumbs"] = {"values": [_line(one) for one in _values(event["breadcrumbs"])]}
    if "spans" in event:
        sent["spans"] = [_span(span) for span in event["spans"]]
    if (event.get("request") or {}).get("url"):
        sent["request"] = _request(event["request"])
    contexts = event.get("contexts") or {}
    sent["contexts"] = {
        "trace": _only(contexts.get("trace") or {}, _TRACE),
        "runtime": _only(contexts.get("runtime") or {}, ("name", "version")),
    }
    return sent


def is_log_entry(breadcrumb: Part) -> bool:
    """True if a breadcrumb is a log line, not an SQL statement or an HTTP request."""
    return breadcrumb.get("type") == "log"


def _exception(one: Part) -> dict[str, Any]:
    frames = (one.get("stacktrace") or {}).get("frames") or []
    return {
        **_only(one, ("type", "module")),
        "value": without_values(one.get("value") or ""),
        "mechanism": _only(one.get("mechanism") or {}, ("type", "handled")),
        "stacktrace": {"frames": [_only(frame, _FRAME) for frame in frames]},
    }


def _line(one: Part) -> dict[str, Any]:
    kept = _only(one, ("type", "level", "category", "timestamp"))
    return {**kept, "message": without_values(one.get("message") or "")}


def _span(span: Part) -> dict[str, Any]:
    kept = _only(span, _SPAN)
    if str(span.get("op", "")).startswith(("db", "template", "view")):
        said = _LITERAL.sub("'…'", str(span.get("description") or ""))
        kept["description"] = _NUMBER.sub("…", said)
    return kept


def _request(request: Part) -> dict[str, Any]:
    """The method and the URL without its query."""
    address = urlsplit(str(request["url"]))
    where = _NUMBER.sub("…", address.path)
    return {**_only(request, ("method",)), "url": f"{address.scheme}://{address.netloc}{where}"}


def _only(part: Part, names: Iterable[str]) -> dict[str, Any]:
    return {name: part[name] for name in names if part.get(name) is not None}


def _values(list_of: Part) -> list[Part]:
    values: list[Part] = list_of.get("values") or []
    return values
