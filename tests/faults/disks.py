"""A small disk that a test fills and frees."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BLOCK = b"\0" * 65536


def may_mount() -> bool:
    """True if this process may mount a file system: tries it."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    folder = tempfile.mkdtemp(dir="/tmp")
    try:
        mounted = _mount(Path(folder), 1)
        if mounted:
            _unmount(Path(folder))
        return mounted
    finally:
        Path(folder).rmdir()


class SmallDisk:
    """A file system in memory, with a short path as Chromium makes a socket in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    def fill(self) -> None:
        """Write until no byte is left."""
        with self._ballast.open("ab", buffering=0) as ballast:
            size = len(BLOCK)
            while size:
                try:
                    ballast.write(BLOCK[:size])
                except OSError:
                    size //= 2

    def free(self) -> None:
        self._ballast.unlink()


@contextmanager
def small_disk(mebibytes: int) -> Iterator[SmallDisk]:
    path = Path(tempfile.mkdtemp(prefix="censo-", dir="/tmp"))
    assert _mount(path, mebibytes)
    try:
        yield SmallDisk(path)
    finally:
        _unmount(path)
        path.rmdir()


def _mount(path: Path, mebibytes: int) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(path)]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0


def _unmount(path: Path) -> None:
    # Lazily: files that a process still has open go when it ends.
    subprocess.run(["umount", "--lazy", str(path)], check=True)
