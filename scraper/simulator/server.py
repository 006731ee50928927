"""Serve the simulator over HTTP: one port, a thread per connection."""

import contextlib
import select
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from scraper.simulator.routes import answer
from scraper.simulator.settings import Settings
from scraper.simulator.shapes import SHAPES
from scraper.simulator.state import State
from scraper.simulator.wire import Reply, Request

MOST_BODY_BYTES = 1_000_000
IDLE_SECONDS = 60.0
"""A kept-alive connection without a request is closed after this."""
LOOK_SECONDS = 0.1
"""The interval at which a delayed reply checks that the client is still there."""


class Simulator:
    """A simulated Registraduría and captcha service. Use it as a context manager.

    `port` 0 takes a free one. `settings` are the fields of `Settings` by name; times in seconds.
    The port and the log stay the same over stop() and start().
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, **settings: object) -> None:
        self.state = State(Settings().changed(settings))
        self._address = host, port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Bind the port and serve it from a thread. Raises OSError if it is taken."""
        self._server = _Server(self._address, self.state)
        self._address = self._address[0], self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="simulator", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port and every connection; replies still delayed are never sent."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.hang_up()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        return self if self._server else self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The root, without a slash at the end; also the address of the captcha service."""
        host, port = self._address
        return f"http://{host}:{port}"

    def page_url(self, shape: str) -> str:
        """Return the address of the census page of this shape."""
        return self.url + SHAPES[shape].path

    def set(self, **settings: object) -> None:
        """Change settings, as POST /_control does. Raises SettingsError."""
        self.state.settings = self.state.settings.changed(settings)

    def finish_captchas(self) -> None:
        """Solve every pending captcha now, whatever its latency."""
        self.state.captchas.finish_all()

    def reset(self) -> None:
        """Restore the first settings and forget everything else."""
        self.state.settings = self.state.first_settings
        self.state.clear()

    def log(self) -> dict[str, Any]:
        """Return what GET /_log answers."""
        return self.state.log()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], state: State) -> None:
        self.state = state
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Close kept-alive connections too: otherwise their threads would go on answering."""
        self.stopping.set()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):  # the client may have closed it just now
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout: ClassVar[float] = IDLE_SECONDS
    # Head and body leave in one piece, when handle_one_request() flushes.
    wbufsize = -1

    def handle(self) -> None:
        # A browser may close a page in the middle of an answer.
        with contextlib.suppress(ConnectionError):
            super().handle()

    def log_message(self, *args: object) -> None:
        """Write nothing: /_log says more than lines on a terminal."""

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MOST_BODY_BYTES:
            self.send_error(413)
            self.close_connection = True
            return
        address = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=address.path,
            query=address.query,
            content_type=self.headers.get("Content-Type", ""),
            cookie_header=self.headers.get("Cookie", ""),
            body=self.rfile.read(int(length)),
            remote="{}:{}".format(*self.client_address[:2]),
        )
        reply = answer(request, self.server.state)
        if self._wait(reply.delay):
            self._send(reply)
        else:
            self.close_connection = True

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815  http.server's names

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        # Cut after the head, not before: a browser silently repeats a request when its kept-alive
        # connection closes without a byte.
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
        self.close_connection = self.close_connection or reply.cut

    def _wait(self, seconds: float) -> bool:
        """Return False if the client hung up or the simulator stopped before the time was over."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self.server.stopping.wait(min(left, LOOK_SECONDS)) or self._is_client_gone():
                return False
        return True

    def _is_client_gone(self) -> bool:
        if not select.select([self.connection], [], [], 0)[0]:
            return False
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except ConnectionError:
            return True
