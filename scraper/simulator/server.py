"""The simulator over HTTP, on one port, each connection on a thread of its own."""

import contextlib
import select
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from scraper.simulator import shape_a, shape_b
from scraper.simulator.routes import answer
from scraper.simulator.settings import Settings
from scraper.simulator.wire import Reply, Request
from scraper.simulator.world import World

MOST_BODY_BYTES = 1_000_000
IDLE_SECONDS = 60.0
"""A kept-alive connection without a request is closed after this."""
LOOK_SECONDS = 0.1
"""How often a delayed reply looks whether anybody still waits for it."""


class Simulator:
    """A simulated Registraduría and captcha service. Use it as a context manager.

    `port` 0 takes a free one, and keeps it over stop() and start(). `settings` are the fields of
    `Settings` by name; seconds. What happened is kept over stop() and start() too.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, **settings: object) -> None:
        self.world = World(Settings().changed(settings))
        self._address = host, port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Bind the port and serve it from a thread. Raises OSError where it is taken."""
        self._server = _Server(self._address, self.world)
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
        """Its root, without a slash at the end: also the captcha service's address."""
        host, port = self._address
        return f"http://{host}:{port}"

    @property
    def url_a(self) -> str:
        return self.url + shape_a.PATH

    @property
    def url_b(self) -> str:
        return self.url + shape_b.PATH

    def set(self, **settings: object) -> None:
        """Change settings, as POST /_control does. Raises SettingsError."""
        self.world.settings = self.world.settings.changed(settings)

    def finish_captchas(self) -> None:
        """Have every captcha that is being solved be ready now, whatever its latency was."""
        self.world.desk.finish_all()

    def reset(self) -> None:
        """The first settings again, and nothing remembered."""
        self.world.settings = self.world.first_settings
        self.world.forget()

    def log(self) -> dict[str, Any]:
        """What GET /_log answers."""
        return self.world.log()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], world: World) -> None:
        self.world = world
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
        """End kept-alive connections too: else their threads would go on answering."""
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
        # A browser that closes a page in mid-answer is nothing to report.
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, *args: object) -> None:
        """Nothing: /_log tells more than lines on a terminal."""

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
        reply = answer(request, self.server.world)
        if self._wait(reply.delay):
            self._send(reply)
        else:
            self.close_connection = True

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        # Cut after the head, not before: a browser silently asks again on a kept-alive
        # connection that closes without a byte.
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
        self.close_connection = self.close_connection or reply.cut

    def _wait(self, seconds: float) -> bool:
        """False where the client hung up, or the simulator stopped, before the time was over."""
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
