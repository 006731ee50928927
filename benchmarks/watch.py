"""Memory, processor time and network traffic of a worker."""

import statistics
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import psutil

from tests.stack import family

MIB = 1024 * 1024


@dataclass
class Watch:
    """Measures a process tree: memory every second, processor time over all of it."""

    pid: int
    memory: list[float] = field(default_factory=list)
    """MiB, shared pages counted once (PSS)."""
    _cpu: dict[int, float] = field(default_factory=dict)
    """{pid: seconds}; a process that ended keeps its last value."""
    _before: dict[int, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._look()
        self._before = dict(self._cpu)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def cpu_seconds(self) -> float:
        return sum(self._cpu.values()) - sum(self._before.values())

    def _watch(self) -> None:
        while not self._stop.wait(1.0):
            self._look()

    def _look(self) -> None:
        total = 0
        for member in family(self.pid):
            try:
                total += member.memory_full_info().pss
                times = member.cpu_times()
            except psutil.Error:  # it has ended
                continue
            self._cpu[member.pid] = times.user + times.system
        self.memory.append(total / MIB)


def late_growth(values: Sequence[float]) -> float:
    """The median of the last quarter, divided by that of the second."""
    quarter = len(values) // 4
    return statistics.median(values[-quarter:]) / statistics.median(values[quarter : 2 * quarter])


def sent_on_loopback() -> int:
    """Bytes sent by all processes of this machine: on a quiet one those of pages and captchas."""
    return psutil.net_io_counters(pernic=True)["lo"].bytes_sent
