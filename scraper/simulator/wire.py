"""A request taken apart, and the reply to it, without any socket."""

import json
import math
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

NEVER = math.inf
"""The delay of a reply that does not come."""


class BadRequest(ValueError):
    """The request's body is not what its address takes."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, read to its end."""

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
        """The fields of the query and of a urlencoded or multipart body; the last one wins."""
        fields = dict(parse_qsl(self.query, keep_blank_values=True))
        if self.content_type.startswith("multipart/form-data"):
            fields.update(self._multipart())
        elif self.content_type.startswith("application/x-www-form-urlencoded"):
            text = self.body.decode("utf-8", "replace")
            fields.update(parse_qsl(text, keep_blank_values=True))
        return fields

    def json(self) -> dict[str, object]:
        """The body as a JSON object. Raises BadRequest where it is none."""
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
    """What to send, and how badly."""

    body: bytes
    content_type: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before the first byte; NEVER for no byte at all."""
    cut: bool = False
    """Break the connection in the middle of the body."""


def html(text: str, status: int = 200) -> Reply:
    return Reply(text.encode(), "text/html; charset=utf-8", status)


def plain(text: str, status: int = 200) -> Reply:
    return Reply(text.encode(), "text/plain; charset=utf-8", status)


def json_reply(value: object, status: int = 200) -> Reply:
    return Reply(json.dumps(value, ensure_ascii=False).encode(), "application/json", status)
