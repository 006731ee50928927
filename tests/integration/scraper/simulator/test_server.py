"""The simulator as a server: its own page, its connections, its life as object and as command."""

import os
import re
import signal
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from scraper.simulator import Simulator
from scraper.simulator.settings import Settings
from scraper.simulator.shapes import SHAPES
from tests.paths import ROOT
from tests.questions import TIMEOUT_SECONDS, load
from tests.stack import wait_until


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(captcha=False, elections_delay=0) as running:
        yield running


def port_of(simulator: Simulator) -> int:
    port = urlsplit(simulator.url).port
    assert port is not None
    return port


def test_the_start_page_shows_the_table_and_the_settings_in_force(simulator: Simulator) -> None:
    simulator.set(captcha_failure="flaky")

    page = load(simulator.url).text

    assert '<th scope="row">70</th><td>9000000070</td><td>Cancelada por muerte</td>' in page
    assert '<th scope="row">captcha_failure</th><td>flaky</td>' in page
    assert '<th scope="row">captcha</th><td>no</td>' in page
    for shape in SHAPES.values():
        assert f'href="{shape.path}"' in page


def test_every_page_stands_in_the_document() -> None:
    document = (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")
    for shape in SHAPES.values():
        assert f"| `{shape.path}`" in document


def test_an_address_without_its_last_slash_leads_to_the_page(simulator: Simulator) -> None:
    assert load(simulator.page_url("A").rstrip("/")).url == simulator.page_url("A")


def test_files_outside_the_pages_cannot_be_read(simulator: Simulator) -> None:
    with socket.create_connection(("127.0.0.1", port_of(simulator))) as client:
        client.sendall(b"GET /assets/../start.html HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 404")


def test_a_body_too_large_is_refused(simulator: Simulator) -> None:
    with socket.create_connection(("127.0.0.1", port_of(simulator))) as client:
        client.sendall(b"POST /in.php HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_one_connection_serves_many_requests(simulator: Simulator) -> None:
    with requests.Session() as session:
        for _ in range(3):
            session.get(simulator.page_url("B"), timeout=TIMEOUT_SECONDS)

    assert len({visit["remote"] for visit in simulator.log()["visits"]}) == 1


def test_large_replies_do_not_wait_for_acknowledgements(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nagle's algorithm against delayed acknowledgements would cost 40 ms on most replies."""
    without_nagle: list[int] = []
    shut_down = socketserver.TCPServer.shutdown_request

    def note_and_shut_down(server: socketserver.TCPServer, request: Any) -> None:
        without_nagle.append(request.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        shut_down(server, request)

    monkeypatch.setattr(socketserver.TCPServer, "shutdown_request", note_and_shut_down)
    with requests.Session() as session:
        session.get(f"{simulator.url}/_log", timeout=TIMEOUT_SECONDS)

    wait_until(lambda: without_nagle, "the connection is closed")
    assert without_nagle == [1]


def test_a_stop_ends_connections_and_a_start_keeps_the_port_and_the_log() -> None:
    simulator = Simulator(captcha=False)
    with requests.Session() as session, simulator:
        address = simulator.page_url("A")
        session.get(address, timeout=TIMEOUT_SECONDS)
        simulator.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(address, timeout=TIMEOUT_SECONDS)
        simulator.start()
        session.get(address, timeout=TIMEOUT_SECONDS)
        assert len(simulator.log()["visits"]) == 2


def test_a_stop_does_not_wait_for_an_answer_that_never_comes() -> None:
    gone = threading.Event()

    def ask_and_wait(url: str) -> None:
        question = {"documento": "9000000099", "eleccionId": 0}
        try:
            requests.post(url, json=question, timeout=TIMEOUT_SECONDS)
        except requests.ConnectionError:
            gone.set()

    with Simulator(captcha=False) as simulator:
        url = f"{simulator.url}/back/api/consulta"
        waiting = threading.Thread(target=ask_and_wait, args=(url,))
        waiting.start()
        wait_until(lambda: simulator.log()["questions"], "the question has come")
        simulator.stop()
        waiting.join(TIMEOUT_SECONDS)

    assert gone.is_set()


def test_a_client_that_gives_up_leaves_no_thread_behind(simulator: Simulator) -> None:
    before = threading.active_count()
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{simulator.url}/back/api/consulta",
            json={"documento": "9000000099", "eleccionId": 0},
            timeout=(5, 0.2),
        )

    wait_until(lambda: threading.active_count() <= before, "the connection's thread ends")


def simulator_command(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "simulator", *arguments],
        cwd=ROOT,
        env=os.environ | {"DEBUG": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_told_to_stop(number: signal.Signals) -> None:
    with simulator_command("--port", "0", "--no-captcha", "--slow-seconds", "2.5") as process:
        assert process.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert address is not None
        settings = load(f"{address[0]}/_control").json()
        process.send_signal(number)
        code = process.wait(TIMEOUT_SECONDS)

    assert settings == Settings(captcha=False, slow_seconds=2.5).as_json()
    assert code == 0


def test_the_command_says_that_a_port_is_taken(simulator: Simulator) -> None:
    port = str(port_of(simulator))

    with simulator_command("--port", port) as process:
        _, errors = process.communicate(timeout=30)

    assert process.returncode != 0
    assert f"Cannot serve on 127.0.0.1:{port}" in errors
    assert "Traceback" not in errors
