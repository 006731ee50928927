"""Run a command with PostgreSQL and Redis: `python -m tools.services make test-redis`.

A server that answers at its address is used as it is. Otherwise one is started for as long as the
command runs, on a free port, with its files in a temporary folder; where the package is missing,
Debian's is installed, as root. The command gets the addresses in TEST_DATABASE_URL and
TEST_REDIS_URL.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from tools.backends import BACKENDS, Backend, NotHere
from tools.virtualenv import apt_install

POSTGRES_PLACES = Path("/usr/lib/postgresql")
"""Debian's folder, with one folder per version in it; none of them is on PATH."""
POSTGRES_USER = "postgres"
"""The user that runs the server when this runs as root: PostgreSQL refuses to run as root."""
STARTED_WITHIN_SECONDS = 60.0
STOPPED_WITHIN_SECONDS = 30.0


@dataclass(frozen=True)
class Machine:
    """The machine as this module sees it; tests pass an invented one."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    postgres_places: Path = POSTGRES_PLACES
    is_root: bool = field(default_factory=lambda: os.geteuid() == 0)

    def which(self, name: str) -> str | None:
        return shutil.which(name, path=self.environ.get("PATH", os.defpath))

    def program(self, name: str) -> str | None:
        """Return the program's path: that of Debian's newest PostgreSQL, else the one on PATH."""
        versions = sorted(self.postgres_places.glob(f"*/bin/{name}"), key=_version)
        return str(versions[-1]) if versions else self.which(name)


def _version(program: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in program.parents[1].name.split(".") if part.isdecimal())


@dataclass(frozen=True)
class Service:
    """A server that this module can install and start."""

    backend: Backend
    package: str
    program: str
    address: str
    """Its URL, with `{port}` to be filled in."""
    start: Callable[[Machine, Path, int], subprocess.Popen[bytes]]
    """Start it with its files in this folder, on this port of 127.0.0.1."""
    stop: signal.Signals
    """The signal that makes it shut down at once, and cleanly."""


def start_postgres(machine: Machine, folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Start PostgreSQL, trusting local users and without fsync: the data is thrown away anyway."""
    owner = _postgres_owner(folder) if machine.is_root else {}
    data = folder / "data"
    with (folder / "log").open("wb") as log:
        subprocess.run(
            [
                *(machine.program("initdb") or "initdb", "--pgdata", data, "--no-sync"),
                *("--username", "postgres", "--auth", "trust"),
                *("--encoding", "UTF8", "--locale", "C.UTF-8"),
            ],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=True,
            **owner,
        )
        return subprocess.Popen(
            [
                *(machine.program("postgres") or "postgres", "-D", data, "-F"),
                *("-h", "127.0.0.1", "-p", str(port), "-k", ""),
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **owner,
        )


def _postgres_owner(folder: Path) -> dict[str, Any]:
    """Give the folder to PostgreSQL's user; return Popen's arguments to run as that user."""
    account = pwd.getpwnam(POSTGRES_USER)
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": POSTGRES_USER, "group": POSTGRES_USER, "extra_groups": []}


def start_redis(machine: Machine, folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Start a Redis that saves nothing to disk."""
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [
                *(machine.program("redis-server") or "redis-server", "--port", str(port)),
                *("--bind", "127.0.0.1", "--dir", folder, "--save", ""),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


SERVICES = (
    Service(
        backend=BACKENDS["postgres"],
        package="postgresql",
        program="initdb",
        address="postgres://postgres@127.0.0.1:{port}/postgres",
        start=start_postgres,
        stop=signal.SIGINT,
    ),
    Service(
        backend=BACKENDS["redis"],
        package="redis-server",
        program="redis-server",
        address="redis://127.0.0.1:{port}/0",
        start=start_redis,
        stop=signal.SIGTERM,
    ),
)


@contextmanager
def serving(service: Service, machine: Machine) -> Iterator[str]:
    """Yield an address at which the service answers. Raises NotHere, with one sentence."""
    backend = service.backend
    named = machine.environ.get(backend.variable, "")
    try:
        backend.require(named or backend.default)
    except NotHere:
        if named:  # the variable names a server: use no other
            raise
    else:
        yield named or backend.default
        return
    ensure_installed(service, machine)
    with own_server(service, machine) as address:
        yield address


def ensure_installed(service: Service, machine: Machine) -> None:
    if machine.program(service.program):
        return
    apt_get = machine.which("apt-get")
    if apt_get and machine.is_root:
        print(f"Installing Debian's {service.package}", flush=True)
        if apt_install(apt_get, service.package) and machine.program(service.program):
            return
    raise NotHere(
        f"{service.backend.default} does not answer and {service.package} cannot be installed"
        f" here: install it, or set {service.backend.variable} to a server's address."
    )


@contextmanager
def own_server(service: Service, machine: Machine) -> Iterator[str]:
    port = _free_port()
    address = service.address.format(port=port)
    with tempfile.TemporaryDirectory(prefix=f"{service.package}-") as name:
        folder = Path(name)
        try:
            server = service.start(machine, folder, port)
        except (OSError, KeyError, subprocess.CalledProcessError) as problem:
            raise _unfit(service, folder) from problem
        try:
            _wait_for(service, server, address, folder)
            yield address
        finally:
            _end(server, service.stop)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(
    service: Service, server: subprocess.Popen[bytes], address: str, folder: Path
) -> None:
    deadline = time.monotonic() + STARTED_WITHIN_SECONDS
    while True:
        try:
            service.backend.require(address)
        except NotHere:
            if server.poll() is not None or time.monotonic() > deadline:
                raise _unfit(service, folder) from None
        else:
            return
        time.sleep(0.1)


def _unfit(service: Service, folder: Path) -> NotHere:
    log = folder / "log"
    words = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
    last = next((line for line in reversed(words) if line.strip()), "without a word")
    return NotHere(f"{service.package} is installed, and does not start: {last}")


def _end(process: subprocess.Popen[bytes], signum: signal.Signals) -> None:
    """Stop the process, by SIGKILL if it takes too long, and wait until it has ended."""
    if process.poll() is None:
        process.send_signal(signum)
    try:
        process.wait(STOPPED_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _leave(signum: int, _frame: object) -> NoReturn:
    sys.exit(128 + signum)


def main(command: Sequence[str], services: Sequence[Service] = SERVICES) -> int:
    """Return the command's exit code; 1, after one sentence, where a service is not available."""
    signal.signal(signal.SIGTERM, _leave)  # end what was started here, as Ctrl-C does
    machine = Machine()
    with ExitStack() as until_the_end:
        try:
            addresses = {
                service.backend.variable: until_the_end.enter_context(serving(service, machine))
                for service in services
            }
        except NotHere as problem:
            print(problem, file=sys.stderr)
            return 1
        process = subprocess.Popen(command, env={**os.environ, **addresses})
        until_the_end.callback(_end, process, signal.SIGTERM)
        return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
