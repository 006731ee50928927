"""Run a few processes in the foreground, restart those that die, and leave none behind."""

import contextlib
import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
READINESS_POLL_SECONDS = 0.25
ANSWER_SECONDS = 1.0
"""The timeout of a health check; a stop signal may be noticed that late."""
FIRST_FAILURE = 500
"""The first HTTP status that means "not ready"."""


@dataclass(frozen=True, slots=True)
class Service:
    """A command that runs as long as the supervisor does."""

    name: str
    command: Sequence[str]
    log: Path
    """Emptied when the supervisor starts; restarts append to it."""
    health_url: str = ""
    """Requested until it answers with a status below 500; '': there is no health check."""
    stops_last: bool = False
    """The others need it to finish their work, so it is stopped after they have ended."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds."""

    first_delay: float = 1.0
    """Before a service that died is restarted; doubled for each death in a row."""
    longest_delay: float = 30.0
    steady_after: float = 60.0
    """A service that ran for so long begins with first_delay again."""
    ready_within: float = 30.0
    stop_within: float = 35.0
    """From SIGTERM to SIGKILL: the worker takes up to 30 s to finish its lookups."""


@dataclass(slots=True)
class Child:
    """A service as it runs now."""

    service: Service
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths_in_a_row: int = 0
    restart_at: float = 0.0
    """The time at which it is due, if there is no process; by time.monotonic()."""


@dataclass
class Supervisor:
    """Starts services, restarts those that die, and stops all of them on a signal.

    It must run in the main thread: Python handles signals there, and the kernel ends the children
    with the thread that started them (`config.run.child`).
    """

    services: Sequence[Service]
    environment: Mapping[str, str]
    directory: Path
    last_line: str
    """Printed once all services are ready, and again after reports of deaths: it stays the last."""
    say: Callable[[str], None]
    timing: Timing = field(default_factory=Timing)

    def __post_init__(self) -> None:
        self._children = [Child(service) for service in self.services]
        self._stop_requested = False
        self._in_a_hurry = False

    def run(self) -> int:
        """Run until SIGINT, SIGTERM or SIGHUP; return 0 when every child has ended."""
        for service in self.services:
            service.log.parent.mkdir(parents=True, exist_ok=True)
            service.log.write_bytes(b"")
        with self._signals() as wakeup:
            try:
                self._supervise(wakeup)
            finally:
                self._stop_all(wakeup)
        return 0

    def _supervise(self, wakeup: socket.socket) -> None:
        awaited = [service for service in self.services if service.health_url]
        deadline = time.monotonic() + self.timing.ready_within
        announced = False
        while not self._stop_requested:
            self._start_what_is_due()
            if not announced:
                awaited = [service for service in awaited if not answers(service.health_url)]
                announced = not awaited or time.monotonic() >= deadline
                if announced:
                    self._announce(awaited)
            _wait(wakeup, self._seconds_to_next_event(announced=announced))
            if self._report_deaths() and announced:
                self.say(self.last_line)

    def _announce(self, silent: Sequence[Service]) -> None:
        for service in silent:
            self.say(f"{service.name} is not ready yet; see {service.log}.")
        self.say(self.last_line)

    def _start_what_is_due(self) -> None:
        for child in self._children:
            if child.process is None and time.monotonic() >= child.restart_at:
                child.process = self._start(child.service)
                child.started_at = time.monotonic()

    def _start(self, service: Service) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "config.run.child", str(os.getpid()), *service.command]
        with service.log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                env=self.environment,
                # So Ctrl-C reaches the supervisor alone, which stops the services in order.
                start_new_session=True,
            )

    def _seconds_to_next_event(self, *, announced: bool) -> float | None:
        """Return the time until a restart or a health check; None: wait for a signal alone."""
        due = [child.restart_at for child in self._children if child.process is None]
        seconds = max(0.0, min(due) - time.monotonic()) if due else None
        if announced:
            return seconds
        return min(READINESS_POLL_SECONDS, seconds or READINESS_POLL_SECONDS)

    def _report_deaths(self) -> bool:
        """Note which children have ended and when they are due again; True if any has ended."""
        news = False
        for child in self._children:
            if child.process is not None and child.process.poll() is not None:
                self._note_death(child, child.process)
                news = True
        return news

    def _note_death(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        now = time.monotonic()
        if now - child.started_at >= self.timing.steady_after:
            child.deaths_in_a_row = 0
        delay = min(self.timing.first_delay * 2**child.deaths_in_a_row, self.timing.longest_delay)
        child.deaths_in_a_row += 1
        child.restart_at = now + delay
        # Processes that it left behind may hold its port or its locks.
        _kill_group(process)
        child.process = None
        self.say(
            f"{child.service.name} {_ending(process.returncode)}; it starts anew in {delay:g} s."
            f" See {child.service.log}."
        )

    def _stop_all(self, wakeup: socket.socket) -> None:
        running = [child for child in self._children if child.process is not None]
        if running:
            self.say("Stopping; a second Ctrl-C does not wait.")
        self._stop([child for child in running if not child.service.stops_last], wakeup)
        self._stop([child for child in running if child.service.stops_last], wakeup)

    def _stop(self, children: Sequence[Child], wakeup: socket.socket) -> None:
        """Send SIGTERM to each main process, wait, and SIGKILL what is left of its group."""
        processes = [child.process for child in children if child.process is not None]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + self.timing.stop_within
        while any(process.poll() is None for process in processes):
            left = deadline - time.monotonic()
            if left <= 0 or self._in_a_hurry:
                break
            _wait(wakeup, left)
        for process in processes:
            _kill_group(process)
            process.wait()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[socket.socket]:
        """Handle signals: each one, SIGCHLD included, makes the socket that is given readable."""
        reader, writer = socket.socketpair()
        reader.settimeout(0)
        writer.settimeout(0)
        # Under nohup SIGHUP stays ignored: closing the terminal stops nothing.
        nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        handled = [number for number in STOP_SIGNALS if not (nohup and number == signal.SIGHUP)]
        before = {number: signal.signal(number, self._on_stop_signal) for number in handled}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _ignore)
        wakeup_before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        try:
            yield reader
        finally:
            signal.set_wakeup_fd(wakeup_before)
            for number, handler in before.items():
                signal.signal(number, handler)
            reader.close()
            writer.close()

    def _on_stop_signal(self, number: int, _frame: FrameType | None) -> None:
        # Of the signals only SIGINT comes twice on purpose: make forwards a SIGTERM that the whole
        # process group has had already.
        if self._stop_requested and number == signal.SIGINT:
            self._in_a_hurry = True
        self._stop_requested = True


def answers(url: str) -> bool:
    """True if the address answers with a status below 500. Uses no proxy, follows no redirect."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=ANSWER_SECONDS
    )
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status < FIRST_FAILURE
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: a handler must be set for the wakeup socket to be written to."""


def _wait(wakeup: socket.socket, seconds: float | None) -> None:
    """Wait until a signal comes or the time is over."""
    if select.select([wakeup], [], [], seconds)[0]:
        wakeup.recv(4096)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Send SIGKILL to what is left of the process's group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _ending(returncode: int) -> str:
    """Return how a process ended, in words."""
    if returncode >= 0:
        return f"ended with code {returncode}"
    try:
        return f"was ended by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"was ended by signal {-returncode}"
