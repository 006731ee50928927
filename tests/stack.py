"""The whole product as real processes: simulator, web server and workers, with their own database.

Used by the end-to-end tests and the benchmarks. Everything listens on 127.0.0.1, on free ports.
TEST_DATABASE_URL puts the database on PostgreSQL, TEST_REDIS_URL the queue on Redis.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import psutil
import redis
import requests

from tests.databases import OwnDatabase, own_database
from tests.paths import ROOT

PATIENCE_SECONDS = 60.0

REGISTER = """
from django.contrib.auth.hashers import Argon2PasswordHasher
from accounts.services import register_user
# A hash contains its parameters, so a login can check this cheap one.
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 8
Argon2PasswordHasher.parallelism = 1
for cedula in {cedulas!r}:
    register_user(cedula, "Ana Rojas", "3001234567", "una-clave-larga")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(
    condition: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS, every: float = 0.1
) -> Any:
    """Wait until `condition` returns something truthy; return it.

    Raises AssertionError that names `what` after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"Not within {seconds:g} s: {what}")
        time.sleep(every)


class Stack:
    """One environment, one database, and the processes that were started in it."""

    _laid_out: ClassVar[set[tuple[Path, str]]] = set()
    """(checkout, DEBUG) whose static files this process has collected."""

    def __init__(self, folder: Path, database: OwnDatabase, **settings: str) -> None:
        self.folder = folder
        self.code = ROOT
        """The checkout whose code the next processes run."""
        self.database = database
        self.query = database.query
        self.simulator_url = f"http://127.0.0.1:{free_port()}"
        self.web_url = f"http://127.0.0.1:{free_port()}"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.environment = os.environ | {
            "DEBUG": "true",
            "DATABASE_URL": database.url,
            "REDIS_URL": os.environ.get("TEST_REDIS_URL", ""),
            "QUEUE_NAME": f"censo-{uuid.uuid4().hex[:12]}",
            "REGISTRADURIA_URL": f"{self.simulator_url}/censo/consultar/",
            "LOOKUP_INTERVAL_SECONDS": "0.2",
            "LOOKUP_TIMEOUT_SECONDS": "30",
            "RETRY_DELAYS_SECONDS": "0.5,1,1",
            "PAUSE_SECONDS": "1,2,3",
            "CAPTCHA_SOLVER": "2captcha",
            "TWOCAPTCHA_URL": self.simulator_url,
            "TWOCAPTCHA_API_KEY": "demo",
            "TWOCAPTCHA_POLLING_SECONDS": "0.2",
            "TMPDIR": str(folder),
            **settings,
        }
        if not database.is_migrated:
            self.manage("migrate", "--verbosity", "0")

    def manage(self, *arguments: str) -> str:
        """Run a management command; return its standard output."""
        done = subprocess.run(
            [sys.executable, str(self.code / "manage.py"), *arguments],
            env=self.environment,
            cwd=self.code,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout

    def collect_static(self) -> None:
        """Collect the static files as on a server: once, and one process at a time.

        Runs in the same checkout share the folder, and each would delete files that another is just
        compressing. The lock is on a file that always exists.
        """
        laid_out = (self.code, self.environment["DEBUG"])  # with DEBUG names have no hashes
        with (self.code / "manage.py").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if laid_out not in Stack._laid_out:
                self.manage("collectstatic", "--no-input", "--verbosity", "0")
                Stack._laid_out.add(laid_out)

    def start(
        self,
        name: str,
        *command: str,
        cwd: Path | None = None,
        inside: Sequence[str] = (),
        **environment: str,
    ) -> subprocess.Popen[bytes]:
        """Start a process in its own group, with its output in `NAME.log`.

        `inside` is a command that runs the command after it, as `unshare` does; `environment`
        overrides the stack's.
        """
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*inside, sys.executable, *command],
                env=self.environment | environment,
                cwd=cwd or self.code,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def lookups(self) -> dict[str, dict[str, Any]]:
        """Everybody's lookup, by cédula."""
        joined = self.query(
            "SELECT cedula, info.* FROM census_cedulainfo info"
            " JOIN accounts_customuser person ON person.id = info.user_id"
        )
        return {row["cedula"]: row for row in joined}

    def statuses(self) -> Counter[str]:
        return Counter(row["status"] for row in self.lookups().values())

    def register(self, *cedulas: str) -> None:
        """Register these people as the form does, but without it."""
        self.manage("shell", "-v0", "-c", REGISTER.format(cedulas=cedulas))

    # --- The three parts ------------------------------------------------------------------------

    def start_simulator(self, captcha_latency: float = 0.5) -> None:
        port = self.simulator_url.rsplit(":", 1)[1]
        self.start(
            "simulator",
            "manage.py",
            "simulator",
            "--port",
            port,
            "--captcha-latency",
            str(captcha_latency),
        )
        wait_until(lambda: answers(self.simulator_url), "the simulator answers")

    def start_web(self, *options: str) -> subprocess.Popen[bytes]:
        """Start gunicorn with two workers and these further `options`."""
        address = self.web_url.removeprefix("http://")
        gunicorn = ("-m", "gunicorn", "config.wsgi", "--workers", "2", "--bind", address)
        web = self.start("web", *gunicorn, *options)
        wait_until(lambda: answers(f"{self.web_url}/salud/"), "the web server answers")
        return web

    def start_worker(self, name: str = "worker", **environment: str) -> subprocess.Popen[bytes]:
        return self.start(name, "manage.py", "qcluster", cwd=None, inside=(), **environment)

    def health(self) -> dict[str, Any]:
        health: dict[str, Any] = requests.get(f"{self.web_url}/salud/", timeout=10).json()
        return health

    def simulator_log(self) -> dict[str, Any]:
        log: dict[str, Any] = requests.get(f"{self.simulator_url}/_log", timeout=10).json()
        return log

    # --- The end --------------------------------------------------------------------------------

    def stop(self) -> None:
        """End all processes that were started here, and their descendants."""
        for process in reversed(self.processes):
            tree = family(process.pid)
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(40)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            for member in tree:
                kill(member)
        self._empty_queue()

    def kill(self) -> None:
        """The same at once, without waiting for lookups in flight."""
        for process in reversed(self.processes):
            self._kill(process)
        self._empty_queue()

    def kill_worker(self, worker: subprocess.Popen[bytes]) -> None:
        """Kill one worker; another may then take over its lookups."""
        self._kill(worker)
        self.processes.remove(worker)

    @staticmethod
    def _kill(process: subprocess.Popen[bytes]) -> None:
        for member in family(process.pid):
            kill(member)
        process.wait()

    def _empty_queue(self) -> None:
        if self.environment["REDIS_URL"]:
            with redis.from_url(self.environment["REDIS_URL"]) as broker:
                for key in broker.scan_iter(f"django_q:{self.environment['QUEUE_NAME']}:*"):
                    broker.delete(key)


def answers(url: str) -> bool:
    try:
        requests.get(url, timeout=5)
    except (requests.ConnectionError, requests.Timeout):  # a server listens before it has loaded
        return False
    return True


def family(pid: int) -> list[psutil.Process]:
    """The process and all its descendants; [] if it has ended."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def is_alive(process: psutil.Process) -> bool:
    """True if it runs; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def copy_of_the_product(folder: Path) -> Path:
    """Make a second checkout in `folder`, of what the product's processes need to run."""
    for name in ("accounts", "census", "config", "scraper", "static", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("manage.py", "gunicorn.conf.py"):
        shutil.copy(ROOT / name, folder)
    return folder


@contextmanager
def running_stack(folder: Path, server: str | None = None, **settings: str) -> Iterator[Stack]:
    """A stack, stopped at the end; its database is on `server`, by default the run's."""
    with own_database(folder, server) as database:
        stack = Stack(folder, database, **settings)
        try:
            yield stack
        finally:
            stack.stop()
