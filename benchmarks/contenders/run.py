"""A contender's processes, with their own database, journal and keys in Redis."""

import os
import subprocess
import sys
import uuid
from collections.abc import Collection
from pathlib import Path

import psutil
import redis

from benchmarks.contenders import findings, journal, produce
from benchmarks.contenders.contender import Contender
from benchmarks.contenders.journal import Event
from benchmarks.server import PRODUCTION
from tests.paths import ROOT
from tests.stack import is_alive, kill

REDIS_URL = os.environ.get("TEST_REDIS_URL") or "redis://127.0.0.1:6379/14"
COMMAND_SECONDS = 180.0


class Run:
    """A running contender. Its processes are in their own sessions, so orphans are found."""

    def __init__(self, contender: Contender, folder: Path) -> None:
        self.contender = contender
        self.folder = folder
        folder.mkdir()
        self.journal = folder / "journal"
        self.started_again = 0.0
        """The start of the workers after the kill, in seconds since the epoch."""
        self._keys = f"peers-{uuid.uuid4().hex[:12]}:"
        self._workers: list[subprocess.Popen[bytes]] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        """Processes that were not waited for, so that their pids are not reused."""
        self._environment = os.environ | {
            **PRODUCTION,
            "DJANGO_SETTINGS_MODULE": f"benchmarks.contenders.{contender.settings}",
            "DATABASE_URL": f"sqlite:///{folder / 'own.sqlite3'}",
            "REDIS_URL": "",
            "CONTENDERS_REDIS": REDIS_URL,
            "CONTENDERS_KEYS": self._keys,
            "TMPDIR": str(folder),
            journal.VARIABLE: str(self.journal),
        }

    def migrate(self) -> subprocess.Popen[bytes]:
        """Start a process that makes the tables."""
        return self._start("migrate", "-m", "django", "migrate", "--verbosity", "0")

    # --- Its jobs -------------------------------------------------------------------------------

    def produce(self, *arguments: str | int) -> subprocess.Popen[bytes]:
        """Start a process that queues jobs; see benchmarks.contenders.produce."""
        module = ("-m", "benchmarks.contenders.produce", self.contender.jobs)
        return self._start("producer", *module, *map(str, arguments))

    def finish(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for the process's end. Raises AssertionError if it fails or takes too long."""
        command = " ".join(map(str, process.args[1:])) if isinstance(process.args, list) else ""
        try:
            code = process.wait(COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"Not within {COMMAND_SECONDS:g} s: {command}") from None
        self._processes.remove(process)
        assert code == 0, f"Exit code {code}: {command}: {self.last_words()}"

    def last_words(self) -> str:
        """The last line in the log that was written last."""
        logs = sorted(self.folder.glob("*.log"), key=lambda log: log.stat().st_mtime)
        said = logs[-1].read_text(encoding="utf-8", errors="replace").split("\n") if logs else []
        return next((line for line in reversed(said) if line.strip()), "nothing")

    def entries(self) -> list[journal.Entry]:
        return journal.read(self.journal)

    def number_done(self, jobs: Collection[int]) -> int:
        return len(findings.firsts(self.entries(), Event.ENDED, jobs))

    def left(self) -> int:
        """The number of jobs in the queue when a producer counted what was `left`."""
        return int((self.folder / produce.LEFT).read_text(encoding="ascii"))

    # --- Its workers ----------------------------------------------------------------------------

    def start_workers(self) -> None:
        self._workers = [
            self._start("worker", *self.contender.worker) for _ in range(self.contender.workers)
        ]

    def kill_workers(self) -> None:
        """Send SIGKILL to every process of every worker, until none is left."""
        self._kill(self._workers)

    def clear(self) -> None:
        """Kill all processes and delete all keys in Redis."""
        self._kill([*self._processes])
        if self.contender.uses_redis:
            with redis.from_url(REDIS_URL) as broker:
                for key in broker.scan_iter(f"{self._keys}*"):
                    broker.delete(key)

    def _start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                env=self._environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def _kill(self, leaders: Collection[subprocess.Popen[bytes]]) -> None:
        sessions = {leader.pid for leader in leaders}
        while members := _living_in(sessions):
            for member in members:
                kill(member)
        for leader in leaders:
            leader.wait()
            self._processes.remove(leader)


def _living_in(sessions: Collection[int]) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter()
        if _session(process) in sessions and is_alive(process)
    ]


def _session(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return None
