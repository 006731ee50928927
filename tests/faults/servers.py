"""A test's own database and queue servers, which it can end and restart."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import redis

from tests.stack import free_port, wait_until

KEEPER = 'while :; do if [ ! -e "$0" ]; then "$@"; fi; sleep 0.1; done'
"""Restarts a command whenever it has ended, unless a file exists; arguments: file, command."""


class SupervisedServer:
    """A server that is restarted whenever it ends, as by a supervisor."""

    def __init__(self, folder: Path, command: Sequence[str], user: str | None = None) -> None:
        self.folder = folder
        self._down = folder / "down"
        # The keeper stays the server's parent, so a restarted one does not count as an orphan.
        self._keeper = subprocess.Popen(
            ["sh", "-c", KEEPER, str(self._down), *command],
            stdin=subprocess.DEVNULL,
            stdout=(folder / "server.log").open("ab"),
            stderr=subprocess.STDOUT,
            cwd=folder,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )

    def end(self, signum: signal.Signals) -> None:
        """Send the server a signal, and wait for its end; it is restarted then."""
        for server in self._servers():
            server.send_signal(signum)
            server.wait(30)

    def take_down(self, signum: signal.Signals) -> None:
        """End the server, and do not restart it until `bring_back`."""
        self._down.touch()
        self.end(signum)

    def bring_back(self) -> None:
        self._down.unlink()

    def freeze(self) -> None:
        """Accept connections but answer nothing, until `thaw`."""
        for server in self._servers():
            server.suspend()

    def thaw(self) -> None:
        for server in self._servers():
            server.resume()

    def stop(self) -> None:
        servers = self._servers()
        self._keeper.kill()
        self._keeper.wait()
        for server in servers:
            server.resume()
            server.send_signal(signal.SIGINT)
        for process in psutil.wait_procs(servers, timeout=20)[1]:
            process.kill()

    def _servers(self) -> list[psutil.Process]:
        """The running server; [] during a restart."""
        children = psutil.Process(self._keeper.pid).children()
        return [child for child in children if child.name() != "sleep"]


# --- PostgreSQL ---------------------------------------------------------------------------------


def postgresql_programs() -> Path | None:
    """The folder with initdb and postgres; None if they are not installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


class OwnPostgres:
    """A PostgreSQL server on its own port; the role in `url` may create databases."""

    def __init__(self, programs: Path, folder: Path) -> None:
        # PostgreSQL refuses to run as root.
        user = "postgres" if os.geteuid() == 0 else None
        if user is not None:
            shutil.chown(folder, user, user)
        data = folder / "data"
        initdb = [
            str(programs / "initdb"),
            "--pgdata",
            str(data),
            "--auth=trust",
            "--username=postgres",
        ]
        subprocess.run(
            [*initdb, "--no-sync", "--encoding=UTF8", "--locale=C"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
        port = free_port()
        options = ("fsync=off", "listen_addresses=127.0.0.1", f"unix_socket_directories={data}")
        settings = [part for option in options for part in ("-c", option)]
        command = [str(programs / "postgres"), "-D", str(data), "-p", str(port), *settings]
        self.url = f"postgres://postgres@127.0.0.1:{port}/postgres"
        self.server = SupervisedServer(folder, command, user)
        self.wait()

    def restart(self, signum: signal.Signals) -> None:
        """Restart as `pg_ctl restart` does: SIGINT is -m fast, SIGQUIT is -m immediate."""
        self.server.end(signum)

    def wait(self) -> None:
        wait_until(self._answers, "PostgreSQL answers")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def own_postgres(programs: Path) -> Iterator[OwnPostgres]:
    folder = Path(tempfile.mkdtemp(prefix="censo-postgres-", dir="/tmp"))
    postgres = None
    try:
        postgres = OwnPostgres(programs, folder)
        yield postgres
    finally:
        if postgres is not None:
            postgres.server.stop()
        shutil.rmtree(folder, ignore_errors=True)


# --- Redis --------------------------------------------------------------------------------------


class OwnRedis:
    """A Redis server on its own port, without persistence: a restart empties it."""

    def __init__(self, program: str, folder: Path) -> None:
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        self.server = SupervisedServer(folder, [program, "--port", str(port), *options])
        self.wait()

    def empty(self) -> None:
        with redis.from_url(self.url) as broker:
            broker.flushall()

    def wait(self) -> None:
        wait_until(self._answers, "Redis answers")

    def _answers(self) -> bool:
        try:
            with redis.from_url(self.url) as broker:
                return bool(broker.ping())
        except redis.ConnectionError:
            return False
