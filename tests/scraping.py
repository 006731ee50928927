"""Scrapers for tests, their processes, and a site that serves what a test needs."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import psutil
import pytest

from scraper.config import ScraperConfig, SolverConfig
from scraper.errors import ScraperError
from scraper.registraduria import RegistraduriaScraper
from scraper.simulator import Simulator
from scraper.turn import LookupFuture

CEDULA = "1020304011"
"""Invented; the simulator finds it."""
INTERVAL = 0.2
PATIENCE = 60.0
"""Seconds to wait for what must happen, on a busy machine."""


def config_for(simulator: Simulator, url: str = "", **changes: Any) -> ScraperConfig:
    """A configuration for the simulator's page A and captcha service.

    A page has a sixth of `timeout_seconds` to load: below 30, a busy machine decides.
    """
    solver = SolverConfig("2captcha", "clave-de-prueba", simulator.url, polling_seconds=0.1)
    values: dict[str, Any] = {
        "url": url or simulator.page_url("A"),
        "interval_seconds": INTERVAL,
        "timeout_seconds": 60.0,
        "solver": solver,
    }
    return ScraperConfig(**values | changes)


def failure_of(future: LookupFuture) -> ScraperError:
    """The error with which the lookup ends."""
    error = future.exception(PATIENCE)
    assert isinstance(error, ScraperError), error
    return error


# --- Processes ----------------------------------------------------------------------------------


def drivers(of: int | None = None) -> list[psutil.Process]:
    """Playwright's drivers that process `of`, by default this one, has started."""
    children = psutil.Process(of or os.getpid()).children()
    return [child for child in children if "run-driver" in _command(child)]


def chromium_of(driver: psutil.Process) -> psutil.Process:
    """Its browser's main process."""
    (browser,) = [child for child in driver.children() if "--headless" in " ".join(_command(child))]
    return browser


def the_driver() -> psutil.Process:
    (driver,) = drivers()
    return driver


def workspace_of(driver: psutil.Process) -> Path:
    """The directory of the session that the driver belongs to."""
    return Path(driver.environ()["TMPDIR"]).parent


def processes_using(folder: Path) -> list[psutil.Process]:
    """Processes with `folder` on their command line, as a browser has its profile there."""
    return [
        process for process in psutil.process_iter() if str(folder) in " ".join(_command(process))
    ]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return []


def eventually(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait until `condition` returns something truthy; return it. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s"
        time.sleep(0.02)
    return value


# --- A test's own site --------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A request that the site received."""

    method: str
    path: str
    body: str
    headers: dict[str, str]
    at: float
    """`time.monotonic()`."""


@dataclass(frozen=True)
class Page:
    """A response of the site."""

    body: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "text/html; charset=utf-8"
    encoded: bytes = b""
    """Sent in place of the body, which is sent as UTF-8."""


class OddSite:
    """A web site on 127.0.0.1 that answers with what a test puts into `answers[method, path]`.

    That is a Page, or a function that makes one from the request. All other paths are 404.
    """

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Page | Callable[[Asked], Page]] = {}
        self.asked: list[Asked] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site._answer(self)

            def do_POST(self) -> None:
                site._answer(self)

            def log_message(self, *args: object) -> None:
                """Do nothing: `asked` has the requests."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def requests(self, method: str, path: str = "/") -> list[Asked]:
        return [asked for asked in self.asked if (asked.method, asked.path) == (method, path)]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length).decode()
        asked = Asked(handler.command, handler.path, body, dict(handler.headers), time.monotonic())
        self.asked.append(asked)
        answer = self.answers.get((asked.method, asked.path), Page("", status=404))
        page = answer(asked) if callable(answer) else answer
        content = page.encoded or page.body.encode()
        try:
            handler.send_response(page.status)
            for name, value in page.headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Type", page.content_type)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)
        except ConnectionError:
            return  # the browser has closed the connection


@contextmanager
def scraper_of(config: ScraperConfig) -> Iterator[RegistraduriaScraper]:
    """A scraper; asserts at the end that it leaves no process and no file."""
    others = drivers()
    with RegistraduriaScraper(config) as scraper:
        scraper.warm_up()
        (driver,) = eventually(lambda: [new for new in drivers() if new not in others])
        workspace = workspace_of(driver)
        yield scraper
    assert not workspace.exists()
    assert processes_using(workspace) == []
    assert not driver.is_running() or driver.status() == psutil.STATUS_ZOMBIE


@pytest.fixture(name="site")
def odd_site() -> Iterator[OddSite]:
    with OddSite() as site:
        yield site
