"""The supervisor of `make run`, with real processes: it keeps them running and leaves none."""

import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from tests.paths import ROOT
from tests.stack import is_alive

PATIENCE_SECONDS = 60.0
"""For anything that should happen at once; a loaded machine is slow to start a Python."""

SCRIPT = """
import sys
from pathlib import Path
from config.run.supervisor import Service, Supervisor, Timing

def service(name, code, **more):
    return Service(name, (sys.executable, "-c", code), Path({logs!r}) / (name + ".log"), **more)

sys.exit(Supervisor(
    services=[{services}],
    environment=dict(__import__("os").environ),
    directory=Path.cwd(),
    last_line="Open the door",
    say=lambda line: print(line, flush=True),
    timing=Timing({timing}),
).run())
"""

STEADY = "import time; print('runs', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {STEADY}"
WITH_CHILD = (
    f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STEADY!r}]); {STEADY}"
)
CURIOUS = (
    "import signal; signal.signal(signal.SIGINT, lambda *_: print('interrupted', flush=True));"
    + STEADY
)
POLITE = """
import signal, sys, time
def end(*_):
    print('said goodbye at', time.time(), flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print('runs', flush=True)
time.sleep(600)
"""


class Run:
    """A supervisor in a process of its own, and what it prints."""

    def __init__(self, logs: Path, services: str, timing: str, inside: Sequence[str]) -> None:
        script = SCRIPT.format(logs=str(logs), services=services, timing=timing)
        self.logs = logs
        self.process = subprocess.Popen(
            [*inside, sys.executable, "-c", textwrap.dedent(script)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.seen: dict[int, psutil.Process] = {}
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def descendants(self) -> list[psutil.Process]:
        """Return those that are alive, and remember all that were ever seen."""
        try:
            children = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            children = []
        self.seen.update({child.pid: child for child in children})
        return children

    def pid_of(self, name: str) -> int:
        """The main process of a service: the one that writes to its log."""
        log = self.logs / f"{name}.log"
        for child in psutil.Process(self.process.pid).children():
            if Path(f"/proc/{child.pid}/fd/1").resolve() == log.resolve():
                return child.pid
        return 0

    def log(self, name: str) -> str:
        path = self.logs / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def wait_for(self, line: str, times: int = 1) -> None:
        until(lambda: sum(line in seen for seen in self.lines) >= times, f"{line!r} is printed")

    def wait_until_running(self, *names: str) -> None:
        until(lambda: all("runs" in self.log(name) for name in names), f"{names} run")
        self.descendants()

    def end(self, number: int) -> int:
        self.descendants()
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        return code

    def survivors(self) -> list[psutil.Process]:
        return [child for child in self.seen.values() if is_alive(child)]


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS:g} s: {what}"
        pause.wait(0.02)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Start a supervisor; whatever a failed test leaves is ended after it."""
    runs: list[Run] = []

    def _start(
        services: str,
        timing: str = "first_delay=0.1, ready_within=60",
        inside: Sequence[str] = (),
    ) -> Run:
        runs.append(Run(tmp_path, services, timing, inside))
        return runs[-1]

    yield _start
    for run in runs:
        run.descendants()
        run.process.terminate()
        try:
            run.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            run.process.kill()
            run.process.wait()
        for survivor in run.survivors():
            survivor.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_each_stop_signal_ends_all_children_and_exits_with_zero(
    start: Callable[..., Run], number: int
) -> None:
    run = start(f"service('a', {POLITE!r}), service('b', {STEADY!r})")
    run.wait_until_running("a", "b")

    assert run.end(number) == 0
    assert len(run.seen) == 2
    assert run.survivors() == []
    assert "said goodbye" in run.log("a")


def test_under_nohup_a_closed_terminal_stops_nothing(start: Callable[..., Run]) -> None:
    ignoring = ("sh", "-c", "trap '' HUP; exec \"$@\"", "sh")  # what nohup does
    run = start(f"service('a', {STEADY!r}), service('b', {POLITE!r})", inside=ignoring)
    run.wait_until_running("a", "b")
    first = run.pid_of("b")

    os.killpg(run.process.pid, signal.SIGHUP)
    os.kill(first, signal.SIGTERM)  # it goes on supervising
    until(lambda: run.log("b").count("runs") == 2, "b runs again")

    assert run.pid_of("b") != first
    assert run.end(signal.SIGTERM) == 0
    assert run.survivors() == []


def test_ctrl_c_in_the_terminal_reaches_the_supervisor_alone(start: Callable[..., Run]) -> None:
    run = start(f"service('a', {CURIOUS!r})")
    run.wait_until_running("a")

    os.killpg(run.process.pid, signal.SIGINT)
    assert run.process.wait(PATIENCE_SECONDS) == 0
    assert "interrupted" not in run.log("a")


def test_a_service_that_is_killed_starts_anew_and_the_address_stays_the_last_line(
    start: Callable[..., Run],
) -> None:
    run = start(f"service('a', {STEADY!r}), service('b', {STEADY!r})")
    run.wait_for("Open the door")
    run.wait_until_running("a", "b")
    first, other = run.pid_of("a"), run.pid_of("b")

    os.kill(first, signal.SIGKILL)
    run.wait_for("Open the door", times=2)
    until(lambda: run.log("a").count("runs") == 2, "a runs again")

    assert run.pid_of("a") != first
    assert run.pid_of("b") == other
    assert "a was ended by SIGKILL; it starts anew in 0.1 s." in run.lines[-2]
    assert run.lines[-1] == "Open the door"


def test_a_service_that_keeps_dying_waits_twice_as_long_each_time_up_to_a_limit(
    start: Callable[..., Run],
) -> None:
    run = start(
        "service('a', 'import sys; sys.exit(3)')",
        timing="first_delay=0.05, longest_delay=0.2",
    )
    run.wait_for("a ended with code 3", times=5)

    delays = [float(found[1]) for line in run.lines if (found := re.search(r"in ([\d.]+) s", line))]
    assert delays[:5] == [0.05, 0.1, 0.2, 0.2, 0.2]


def test_a_service_that_lived_long_enough_starts_with_the_first_delay_again(
    start: Callable[..., Run],
) -> None:
    run = start(
        "service('a', 'import sys; sys.exit(3)')",
        timing="first_delay=0.05, steady_after=0",
    )
    run.wait_for("a ended with code 3", times=3)

    assert all("in 0.05 s" in line for line in run.lines if "ended" in line)


def test_what_a_killed_service_leaves_behind_ends_before_it_starts_anew(
    start: Callable[..., Run],
) -> None:
    run = start(f"service('a', {WITH_CHILD!r})")
    until(lambda: run.log("a").count("runs") == 2, "a and its child run")
    main = run.pid_of("a")
    [leftover] = psutil.Process(main).children()

    os.kill(main, signal.SIGKILL)
    until(lambda: run.log("a").count("runs") == 4, "a and its child run again")
    assert not is_alive(leftover)


def test_a_child_that_ignores_the_stop_is_killed_with_its_group_when_its_time_is_over(
    start: Callable[..., Run],
) -> None:
    code = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WITH_CHILD}"
    run = start(f"service('a', {code!r})", timing="stop_within=0.5")
    until(lambda: run.log("a").count("runs") == 2, "a and its child run")

    began = time.monotonic()
    assert run.end(signal.SIGTERM) == 0
    assert time.monotonic() - began >= 0.5
    assert len(run.seen) == 2
    assert run.survivors() == []


def test_a_second_ctrl_c_does_not_wait(start: Callable[..., Run]) -> None:
    run = start(f"service('a', {STUBBORN!r})", timing="stop_within=600")
    run.wait_until_running("a")

    run.process.send_signal(signal.SIGINT)
    run.wait_for("Stopping")
    assert run.end(signal.SIGINT) == 0
    assert run.survivors() == []


def test_a_second_sigterm_still_waits_for_the_children(start: Callable[..., Run]) -> None:
    run = start(f"service('a', {STUBBORN!r})", timing="stop_within=1")
    run.wait_until_running("a")

    began = time.monotonic()
    run.process.send_signal(signal.SIGTERM)
    run.wait_for("Stopping")
    assert run.end(signal.SIGTERM) == 0
    assert time.monotonic() - began >= 1


def test_a_service_that_stops_last_outlives_the_others(start: Callable[..., Run]) -> None:
    slow = POLITE.replace("    print('said", "    time.sleep(0.5)\n    print('said")
    run = start(f"service('needed', {POLITE!r}, stops_last=True), service('user', {slow!r})")
    run.wait_until_running("needed", "user")

    assert run.end(signal.SIGTERM) == 0
    ended = {name: float(run.log(name).split()[-1]) for name in ("needed", "user")}
    assert ended["needed"] > ended["user"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's death")
def test_a_supervisor_that_is_killed_leaves_no_child(start: Callable[..., Run]) -> None:
    run = start(f"service('a', {STEADY!r}), service('b', {POLITE!r})")
    run.wait_until_running("a", "b")

    assert run.end(signal.SIGKILL) == -signal.SIGKILL
    assert len(run.seen) == 2
    until(lambda: run.survivors() == [], "the children are gone")
    assert "said goodbye" in run.log("b")


def test_the_address_is_printed_once_every_service_answers(start: Callable[..., Run]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    serve = f"""
import http.server
asked = []
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        self.send_response(503 if len(asked) < 3 else 200)
        self.end_headers()
        print('asked', len(asked), flush=True)
http.server.HTTPServer(('127.0.0.1', {port}), Handler).serve_forever()
"""
    run = start(f"service('a', {serve!r}, health_url='http://127.0.0.1:{port}/salud/')")
    run.wait_for("Open the door")

    assert run.lines == ["Open the door"]
    assert "asked 3" in run.log("a")


def test_a_service_that_never_answers_is_named_and_the_address_printed_all_the_same(
    start: Callable[..., Run],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        run = start(f"service('a', {STEADY!r}, health_url={url!r})", timing="ready_within=0.3")
        run.wait_for("Open the door")

    assert run.lines[0].startswith("a is not ready yet; see ")
    assert run.lines[1:] == ["Open the door"]


def test_the_log_of_an_earlier_run_is_gone_and_restarts_are_kept(
    start: Callable[..., Run], tmp_path: Path
) -> None:
    (tmp_path / "a.log").write_text("from yesterday\n")
    run = start("service('a', 'print(\"tried\", flush=True)')")
    until(lambda: run.log("a").count("tried") >= 2, "a is tried twice")

    assert "yesterday" not in run.log("a")


def test_a_command_that_does_not_exist_is_told_in_its_log(
    start: Callable[..., Run], tmp_path: Path
) -> None:
    run = start(f"Service('a', ('/no/such/command',), Path({str(tmp_path)!r}) / 'a.log')")
    run.wait_for("a ended with code 1")

    assert run.log("a").startswith("/no/such/command cannot be started: No such file")
