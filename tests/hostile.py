"""Hostile input for form fields, and a check that it did no harm."""

from collections.abc import Mapping
from typing import Protocol

from bs4 import BeautifulSoup

MARK = "z4rza"
"""Part of every text that could become markup: an element with it means that it got through."""

VALUES = {
    "script": f'"><script id="{MARK}">alert(1)</script>',
    "attribute": f"' id='{MARK}' onmouseover='alert(1)' x='",
    "image": f'<img id="{MARK}" src=x onerror=alert(1)>',
    "template": "{{ 7919042173|add:1 }}{% debug %}${7919042173+1}",
    "sql": "1' OR '1'='1'; DROP TABLE accounts_customuser; --",
    "nul": "Ana\0Rojas",
    "right to left": "Ana\u202eRojas\u200f\u2066",
    "line breaks": "Ana\r\nSet-Cookie: z4rza=1\r\n\r\n",
    "long": "9" * 10_000,
    "long word": "ñ" * 10_000,
    "formula": "=cmd|' /C calc'!A0",
    "elsewhere": "https://evil.example/",
    "elsewhere too": "//evil.example/\\@evil.example",
    "script address": "javascript:alert(1)",
    "path": "../../../../etc/passwd%00",
    "negative": "-1",
    "huge number": "9223372036854775808",
    "not a number": "NaN",
    "other digits": "١٢٣٤٥٦٧",
    "astral": "😀" * 200,
    "half a pair": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "blank": " \u00a0\u200b",
    "list": '["1", {"a": null}]',
}
EVALUATED = "7919042174"
"""The template's result, if it were evaluated: too long to occur in a token by chance."""


class Answer(Protocol):
    """A response of the test client."""

    status_code: int
    streaming: bool

    @property
    def content(self) -> bytes: ...

    @property
    def headers(self) -> Mapping[str, str]: ...


def assert_harmless(answer: Answer, where: str) -> None:
    """Assert that the response is no server error, and no input became markup or a header."""
    assert answer.status_code < 500, where
    for name, value in answer.headers.items():
        assert "z4rza=1" not in value or "\n" not in value, f"{where}: {name}"
    assert "evil.example" not in answer.headers.get("Location", "").split("?")[0], where
    assert "evil.example" not in answer.headers.get("HX-Redirect", "").split("?")[0], where
    if answer.streaming or "html" not in answer.headers.get("Content-Type", ""):
        return
    text = answer.content.decode()
    if MARK in text:  # parsing is slow: only if there is something to find
        page = BeautifulSoup(text, "html.parser")
        assert page.find(id=MARK) is None, f"{where}: became an element"
        assert not page.find(onmouseover=True), f"{where}: became an attribute"
    assert EVALUATED not in text, f"{where}: was evaluated"
