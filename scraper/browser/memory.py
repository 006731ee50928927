"""The memory that this process may use."""

from pathlib import Path

import psutil

MIB = 1024 * 1024
GROUPS = Path("/sys/fs/cgroup")
OWN_GROUP = Path("/proc/self/cgroup")


def allowed_mib(groups: Path = GROUPS, own_group: Path = OWN_GROUP) -> float:
    """The machine's memory, or the limit of a control group (systemd, a container), in MiB."""
    total = psutil.virtual_memory().total
    return min([total, *_limits(groups, own_group)]) / MIB


def _limits(groups: Path, own_group: Path) -> list[int]:
    """Limits of this process's control group and its parents, in bytes; empty without groups."""
    try:
        lines = own_group.read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return []
    unified = [line.removeprefix("0::/") for line in lines if line.startswith("0::/")]
    limits: list[int] = []
    for name in unified:
        group = groups / name
        for folder in (group, *group.parents):
            if not folder.is_relative_to(groups):
                break
            limits += _limit(folder / "memory.max")
    return limits


def _limit(file: Path) -> list[int]:
    try:
        return [int(file.read_text(encoding="ascii"))]
    except (OSError, ValueError):  # the root group has no such file, and "max" is no limit
        return []
