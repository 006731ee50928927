"""Servers of a test's own, which it may end as it likes."""

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
"""Starts the command after the name of a file whenever it has ended and that file is not there."""


class Kept:
    """A server that is started anew whenever it ends, as a supervisor does, but while held."""

    def __init__(self, folder: Path, command: Sequence[str], user: str | None = None) -> None:
        self.folder = folder
        self._hold = folder / "hold"
        # The keeper stays the server's parent: nobody takes a new one for a process left over.
        self._keeper = subprocess.Popen(
            ["sh", "-c", KEEPER, str(self._hold), *command],
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
        """Send the server a signal, and wait until this one has ended."""
        for server in self._servers():
            server.send_signal(signum)
            server.wait(30)

    def hold(self, signum: signal.Signals) -> None:
        """The same, and start no other until `let_go`."""
        self._hold.touch()
        self.end(signum)

    def let_go(self) -> None:
        self._hold.unlink()

    def freeze(self) -> None:
        """Let connections come about, and answer nothing, until `thaw`."""
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
        """The server; nothing between two of them."""
        children = psutil.Process(self._keeper.pid).children()
        return [child for child in children if child.name() != "sleep"]


# --- PostgreSQL ---------------------------------------------------------------------------------


def postgresql_programs() -> Path | None:
    """The folder with initdb and postgres; None where there is none."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


class OwnPostgres:
    """A PostgreSQL server on a port of its own; `url` may create databases."""

    def __init__(self, programs: Path, folder: Path) -> None:
        # It refuses to run as root.
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
        self.kept = Kept(folder, command, user)
        self.wait()

    def restart(self, signum: signal.Signals) -> None:
        """As `pg_ctl restart` does it: -m fast is SIGINT, -m immediate is SIGQUIT."""
        self.kept.end(signum)

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
            postgres.kept.stop()
        shutil.rmtree(folder, ignore_errors=True)


# --- Redis --------------------------------------------------------------------------------------


class OwnRedis:
    """A Redis server on a port of its own that keeps nothing on disk: ended, it is empty."""

    def __init__(self, program: str, folder: Path) -> None:
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        self.kept = Kept(folder, [program, "--port", str(port), *options])
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
