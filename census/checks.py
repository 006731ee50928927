"""Checks of the database and the queue, for `manage.py check --deploy` and a starting worker.

docs/operations.md lists every id.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import psutil
from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection

from census.staleness import STANDSTILL
from census.worker import heartbeats
from scraper.checks import WORKER

NETWORK_FILE_SYSTEMS = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "nfs", "nfs4", "smb3", "smbfs"}
)
"""Locks and shared memory do not hold between hosts on these; SQLite's WAL relies on both."""


class Mount(Protocol):
    """The part of psutil's mount that is used."""

    @property
    def mountpoint(self) -> str: ...
    @property
    def fstype(self) -> str: ...


@checks.register(WORKER, deploy=True)
def interval(**_: Any) -> list[checks.CheckMessage]:
    """A warning if the interval is so long that a moving queue counts as stale."""
    if STANDSTILL.total_seconds() > settings.LOOKUP_INTERVAL_SECONDS:
        return []
    return [
        checks.Warning(
            f"LOOKUP_INTERVAL_SECONDS is {settings.LOOKUP_INTERVAL_SECONDS:g}: a queue in which"
            f" nothing begins for {STANDSTILL.total_seconds():g} s counts as abandoned, and is"
            " woken again and again. Lower it.",
            id="censo.W010",
        )
    ]


@checks.register(WORKER, deploy=True)
def one_worker(**_: Any) -> list[checks.CheckMessage]:
    """A warning if one `qcluster` starts several browsers."""
    if settings.Q_WORKERS == 1:
        return []
    return [
        checks.Warning(
            f"Q_WORKERS is {settings.Q_WORKERS}: each has a browser of its own, and one already"
            " makes every visit that the interval allows. Set it to 1.",
            id="censo.W011",
        )
    ]


@checks.register(WORKER, deploy=True)
def queue(**_: Any) -> list[checks.CheckMessage]:
    """A note if Redis is set beside SQLite, where it gains nothing."""
    if not (settings.REDIS_URL and connection.vendor == "sqlite"):
        return []
    return [
        checks.Info(
            "REDIS_URL is set beside SQLite: one machine gains nothing by it, and one more thing"
            " can fail. Leave it out, or set DATABASE_URL to PostgreSQL.",
            id="censo.I001",
        )
    ]


@checks.register(WORKER, deploy=True)
def disk(**_: Any) -> list[checks.CheckMessage]:
    """A warning if SQLite's file lies on another machine's disk."""
    if connection.vendor != "sqlite":
        return []
    return found_on(Path(str(connection.settings_dict["NAME"])), psutil.disk_partitions(all=True))


def found_on(file: Path, mounts: Iterable[Mount]) -> list[checks.CheckMessage]:
    """The warnings about a database in `file` on a machine with these `mounts`."""
    around = [mount for mount in mounts if file.absolute().is_relative_to(mount.mountpoint)]
    # The innermost mount, and of several on one mount point the last: it hides the others.
    innermost = max(around, key=lambda mount: len(mount.mountpoint), default=None)
    same = [mount for mount in around if innermost and mount.mountpoint == innermost.mountpoint]
    if not same or same[-1].fstype not in NETWORK_FILE_SYSTEMS:
        return []
    return [
        checks.Warning(
            f"DATABASE_URL names an SQLite file on a network file system ({same[-1].fstype}), where"
            " it can be damaged: put it on a local disk, or use PostgreSQL.",
            id="censo.W012",
        )
    ]


@checks.register(checks.Tags.database, deploy=True)
def hosts(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """A warning if workers of several machines share an SQLite file; asks the database."""
    if not databases or connection.vendor != "sqlite":
        return []
    try:
        names = sorted(set(heartbeats.living_workers().values_list("host", flat=True)))
    except DatabaseError:  # not migrated yet, so no worker has used it
        return []
    if len(names) < 2:
        return []
    return [
        checks.Warning(
            f"Workers of several machines ({', '.join(names)}) use one SQLite database, which can"
            " be damaged: set DATABASE_URL to PostgreSQL, or stop all but one.",
            id="censo.W013",
        )
    ]
