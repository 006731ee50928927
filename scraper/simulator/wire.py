"""HTTP requests and replies as values, without any socket."""

import json
import math
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

NEVER = math.inf
"""The delay of a reply that never comes."""


class BadRequest(ValueError):
    """The request's body is not of the form that its address takes."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request with its whole body."""

    method: str
    path: str
    query: str = ""
    content_type: str = ""
    cookie_header: str = ""
    body: bytes = b""
    remote: str = ""
    """Address and port of the client."""

    def cookie(self, name: str) -> str:
        try:
            morsel = SimpleCookie(self.cookie_header).get(name)
        except CookieError:
            return ""
        return morsel.value if morsel else ""

    def form(self) -> dict[str, str]:
        """Return the fields of the query and of a urlencoded or multipart body; the last wins."""
        fields = dict(parse_qsl(self.query, keep_blank_values=True))
        if self.content_type.startswith("multipart/form-data"):
            fields.update(self._multipart())
        elif self.content_type.startswith("application/x-www-form-urlencoded"):
            text = self.body.decode("utf-8", "replace")
            fields.update(parse_qsl(text, keep_blank_values=True))
        return fields

    def json(self) -> dict[str, object]:
        """Return the body as a JSON object. Raises BadRequest if it is none."""
        try:
            value = json.loads(self.body)
        except ValueError as problem:
            raise BadRequest("The body is not JSON.") from problem
        if not isinstance(value, dict):
            raise BadRequest("The body is not a JSON object.")
        return value

    def _multipart(self) -> dict[str, str]:
        head = f"Content-Type: {self.content_type}\r\n\r\n".encode("latin-1", "replace")
        message = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + self.body)
        fields = {}
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(content, bytes):
                fields[name] = content.decode("utf-8", "replace")
        return fields


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, and the trouble with sending it."""

    body: bytes
    content_type: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before the first byte; NEVER: no byte at all."""
    cut: bool = False
    """Break the connection in the middle of the body."""


def html(text: str, status: int = 200) -> Reply:
    return Reply(text.encode(), "text/html; charset=utf-8", status)


def plain(text: str, status: int = 200) -> Reply:
    return Reply(text.encode(), "text/plain; charset=utf-8", status)


def json_reply(value: object, status: int = 200) -> Reply:
    return Reply(json.dumps(value, ensure_ascii=False).encode(), "application/json", status)
