"""Log every page visit and every question, for tests. In memory, bounded."""

import threading
import time
from collections import deque
from dataclasses import asdict, dataclass, field

MOST_ENTRIES = 10_000
"""Older entries are dropped: the demo may run for weeks."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A load of a census page, its own reloads included."""

    shape: str
    mode: str
    remote: str
    monotonic: float
    """`time.monotonic()`, which on Linux is the same clock in every process of the host."""
    epoch: float


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the census, answered or not."""

    shape: str
    cedula: str
    election: str
    token: str
    captcha: str
    """The Verdict on the token; '' if the question did not get that far."""
    outcome: str
    """The Outcome, or what kept the question from one."""
    remote: str
    monotonic: float = field(default_factory=time.monotonic)
    epoch: float = field(default_factory=time.time)


class Journal:
    """The latest visits and questions, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._visits: deque[Visit] = deque(maxlen=MOST_ENTRIES)
        self._questions: deque[Question] = deque(maxlen=MOST_ENTRIES)

    def visited(self, shape: str, mode: str, remote: str) -> None:
        with self._lock:  # read the clock inside, so that entries are in the order of their times
            self._visits.append(Visit(shape, mode, remote, time.monotonic(), time.time()))

    def asked(self, question: Question) -> None:
        with self._lock:
            self._questions.append(question)

    def clear(self) -> None:
        with self._lock:
            self._visits.clear()
            self._questions.clear()

    def as_json(self) -> dict[str, list[dict[str, object]]]:
        with self._lock:
            visits, questions = list(self._visits), list(self._questions)
        return {
            "visits": [asdict(visit) for visit in visits],
            "questions": [asdict(question) for question in questions],
        }
