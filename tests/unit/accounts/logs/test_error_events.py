"""Error reports contain the failure and its place, and nothing about any person."""

import json
from typing import Any

import pytest

from accounts.logs.error_events import is_log_entry, sanitised, without_values

CEDULA, PHONE, NAME = "1098765432", "+57 300 123 4567", "Luz Dary Cano"

EVENT: dict[str, Any] = {
    "event_id": "c0" * 16,
    "level": "error",
    "timestamp": "2026-11-25T01:02:03.123456Z",
    "release": "abc",
    "transaction": f"/no-hay/{CEDULA}/",
    "exception": {
        "values": [
            {
                "type": "IntegrityError",
                "module": "django.db.utils",
                "value": f"Key ({CEDULA}) of '{NAME}'\nDETAIL: Failing row contains ({NAME})",
                "mechanism": {"type": "django", "handled": False, "data": {"name": NAME}},
                "stacktrace": {
                    "frames": [
                        {
                            "filename": "accounts/forms/login.py",
                            "function": "clean",
                            "lineno": 7,
                            "context_line": "raise IntegrityError(text)",
                            "vars": {"nombre_completo": NAME, "password1": "geheim"},
                        }
                    ]
                },
            }
        ]
    },
    "logentry": {
        "message": "Failed: %s",
        "formatted": f"Failed: «{NAME}» {PHONE}\nmore of {NAME}",
        "params": [NAME],
    },
    "breadcrumbs": {
        "values": [
            {"type": "log", "category": "census", "message": f"x {CEDULA}", "data": {"n": NAME}}
        ]
    },
    "request": {
        "method": "POST",
        "url": f"https://censo.example.org/no-hay/{CEDULA}/?q={NAME}",
        "query_string": f"q={NAME}",
        "data": {"nombre_completo": NAME},
        "cookies": {"sessionid": "geheim"},
        "headers": {"Cookie": "sessionid=geheim"},
        "env": {"REMOTE_ADDR": "203.0.113.7"},
    },
    "user": {"id": 7, "username": CEDULA, "ip_address": "203.0.113.7"},
    "extra": {"request": f"<WSGIRequest: GET '/?q={NAME}'>", "sys.argv": ["geheim"]},
    "contexts": {"trace": {"trace_id": "9" * 32, "data": {"url.query": NAME}}, "response": {}},
    "modules": {"django": "5.2"},
    "what a later version adds": NAME,
}


class TestAnEvent:
    def test_nothing_of_anybody_is_in_it(self) -> None:
        sent = json.dumps(sanitised(EVENT, {}))

        for private in (CEDULA, NAME, "300 123", "4567", "geheim", "203.0.113.7", "later version"):
            assert private not in sent

    def test_what_failed_and_where_is(self) -> None:
        sent = sanitised(EVENT, {"request_id": "bcdf", "info_id": 7})

        (error,) = sent["exception"]["values"]
        assert (error["type"], error["value"]) == ("IntegrityError", "Key (…) of …")
        (frame,) = error["stacktrace"]["frames"]
        assert (frame["filename"], frame["lineno"]) == ("accounts/forms/login.py", 7)
        assert frame["context_line"] == "raise IntegrityError(text)"
        assert sent["tags"] == {"request_id": "bcdf", "info_id": "7"}
        assert sent["request"] == {
            "method": "POST",
            "url": "https://censo.example.org/no-hay/…/",
        }
        assert sent["transaction"] == "/no-hay/…/"
        assert sent["logentry"] == {"formatted": "Failed: … +…"}
        assert sent["breadcrumbs"]["values"][0]["message"] == "x …"
        assert sent["event_id"] == EVENT["event_id"]
        assert sent["contexts"]["trace"] == {"trace_id": "9" * 32}

    def test_one_that_holds_next_to_nothing_is_sent_too(self) -> None:
        sent = sanitised({"event_id": "a", "exception": {}, "contexts": None}, {})

        assert sent["exception"] == {"values": []}

    def test_a_trace_tells_statements_without_values(self) -> None:
        spans = [
            {"op": "db", "description": f"SELECT \"a\" WHERE x = '{NAME}' AND y = {CEDULA}"},
            {"op": "http.client", "description": f"GET https://example.org/{NAME}"},
        ]
        sent = sanitised({"type": "transaction", "spans": spans}, {})

        assert sent["spans"] == [
            {"op": "db", "description": "SELECT \"a\" WHERE x = '…' AND y = …"},
            {"op": "http.client"},
        ]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", ""),
        ("division by zero", "division by zero"),
        (f"KeyError: '{CEDULA}'", "KeyError: …"),
        ("Can't find 'Luz O'Neill' or \"Luz 'D' Cano\".", "Can't find … or …."),
        ("1.098.765.432 and 1 098 765 432", "… and …"),
        ("/x/1%20098%20765%20432/", "/x/…/"),
        ("attempt 12 of 300 s", "attempt 12 of 300 s"),
        ("x" * 500, "x" * 200),
    ],
)
def test_a_message_is_told_without_its_values(text: str, left: str) -> None:
    assert without_values(text) == left


def test_lines_of_the_log_alone_go_along() -> None:
    assert is_log_entry({"type": "log", "category": "census"})
    assert not is_log_entry({"category": "query", "message": "SELECT"})
    assert not is_log_entry({"type": "http", "category": "httplib"})
