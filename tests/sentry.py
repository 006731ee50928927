"""A stand-in for Sentry that keeps the envelopes it receives."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any

from tests.stack import wait_until

Event = dict[str, Any]


class Sentry:
    """Listens at `dsn`, on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        self.envelopes: list[str] = []
        """The envelopes in order, decompressed."""
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                match self.headers.get("Content-Encoding"):
                    case "gzip":
                        body = gzip.decompress(body)
                    case "br":  # preferred by the SDK if brotli is installed, as Locust does
                        body = import_module("brotli").decompress(body)
                stand_in.envelopes.append(body.decode())
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *args: object) -> None:
                """Do nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.dsn = f"http://public@127.0.0.1:{self.server.server_port}/7"

    def events(self, kind: str = "event") -> list[Event]:
        """The envelopes' items of that type: `event` or `transaction`."""
        found = []
        for envelope in list(self.envelopes):
            lines = envelope.splitlines()[1:]
            for head, body in zip(lines[::2], lines[1::2], strict=False):
                if json.loads(head).get("type") == kind:
                    found.append(json.loads(body))
        return found

    def awaited(self, words: str, kind: str = "event") -> Event:
        """Wait for an event that contains these words; return the first one."""
        event: Event = wait_until(
            lambda: next((e for e in self.events(kind) if words in json.dumps(e)), None),
            f"an event arrives that says {words!r}",
        )
        return event


@contextmanager
def listening() -> Iterator[Sentry]:
    sentry = Sentry()
    thread = threading.Thread(target=sentry.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield sentry
    finally:
        sentry.server.shutdown()
        sentry.server.server_close()
        thread.join()
