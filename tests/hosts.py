"""Hosts on one machine: each runs a cluster that sees neither processes nor files of the others.

A host is a PID and a UTS namespace. The kernel gives them to root, and to plain users if it allows
user namespaces. The hosts share what real ones share: the database and the site.
"""

import functools
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.stack import PATIENCE_SECONDS, Stack, wait_until

NAMESPACES = ("unshare", "--uts", "--pid", "--mount-proc", "--kill-child")
"""Killing `unshare` kills all that runs inside, as when a machine loses its power."""
AS_PLAIN_USER = ("--user", "--map-root-user")
NAME_AND_RUN = ("sh", "-c", 'hostname "$0" && exec "$@"')


@functools.cache
def namespaces() -> tuple[str, ...]:
    """The command that runs another one in its own namespaces; () if this machine forbids it."""
    plain_user = () if os.geteuid() == 0 else AS_PLAIN_USER
    command = (*NAMESPACES, *plain_user)
    try:
        tried = subprocess.run(
            [*command, *NAME_AND_RUN, "host-0", "true"], capture_output=True, check=False
        )
    except FileNotFoundError:  # not Linux
        return ()
    return command if tried.returncode == 0 else ()


class Host:
    """A running `qcluster` on its own host; without namespaces, beside the others."""

    def __init__(self, stack: Stack, name: str, folder: str) -> None:
        self.name = name
        inside = (*namespaces(), *NAME_AND_RUN, name) if namespaces() else ()
        self.process = stack.start(name, "manage.py", "qcluster", inside=inside, TMPDIR=folder)

    def cluster(self) -> psutil.Process:
        """The cluster's main process: process 1 of its host."""
        process = psutil.Process(self.process.pid)
        return process.children()[0] if namespaces() else process

    def stop(self) -> int:
        """Stop the cluster as a supervisor does; return its exit code."""
        if self.process.poll() is None:
            self.cluster().terminate()
        return self.process.wait(PATIENCE_SECONDS)

    def lose_power(self) -> None:
        """Kill everything that runs on the host at once."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running_hosts(stack: Stack, *names: str) -> Iterator[list[Host]]:
    """Hosts of these names, each with its own temporary folder, all of them running."""
    with tempfile.TemporaryDirectory(prefix="hosts-") as folder:
        hosts = [Host(stack, name, tempfile.mkdtemp(dir=folder)) for name in names]
        try:
            wait_until(
                lambda: len(stack.query("SELECT * FROM census_workerheartbeat")) == len(names),
                "every host has a heartbeat",
            )
            yield hosts
        finally:
            for host in hosts:
                host.stop()
