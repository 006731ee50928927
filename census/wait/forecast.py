"""A model of the queue, the gate and the lookups in flight, which forecasts the time left.

Pure: no clock, no database. All times are seconds; moments are counted from now.

The queue moves at the pace of the gate, one visit per gap, while the workers have capacity for
another lookup; a lookup that ends frees some. So the visits that come first are simulated one by
one. The time of a lookup itself is that of the last ones, stage by stage.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from statistics import median, median_low

from scraper.turn import Stage

STAGES = tuple(Stage)
"""All stages, in the order of a lookup."""

ROUNDS_PLAYED = 3
"""The rounds of a long queue that are simulated, each of as many lookups as the capacity; after
them all rounds are alike."""

LATE_SECONDS = 5.0
"""How long the same few seconds may be shown after the forecast time has run out: shown times are
rounded to five."""


@dataclass(frozen=True, slots=True)
class Course:
    """The seconds that one lookup took in each stage, from its claim to its answer."""

    waiting: float
    opening: float
    solving: float
    reading: float

    @property
    def total(self) -> float:
        return self.waiting + self.after_visit

    @property
    def after_visit(self) -> float:
        """Seconds from the visit to the answer."""
        return self.opening + self.solving + self.reading

    def of(self, stage: Stage) -> float:
        """The seconds of `stage`."""
        return float(getattr(self, stage))

    def after(self, stage: Stage) -> float:
        """The seconds of all stages after `stage`."""
        return sum(self.of(later) for later in STAGES[STAGES.index(stage) + 1 :])

    def stretched_to(self, total: float) -> "Course":
        """The same course, scaled to `total` seconds."""
        share = total / self.total
        return Course(*(self.of(stage) * share for stage in STAGES))


TYPICAL = Course(waiting=0.0, opening=2.0, solving=12.0, reading=1.0)
"""Used until there are lookups to measure."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The present speed of lookups and visits."""

    courses: Sequence[Course]
    """The last lookups that brought an answer; never empty."""
    gap: float
    """Seconds between two visits while somebody waits."""
    capacity: int
    """The number of lookups that all workers together hold in flight; at least 1."""

    @property
    def preparation(self) -> float:
        """Median seconds from the claim to the visit while the gate is open."""
        return median(course.waiting for course in self.courses)

    @property
    def after_visit(self) -> float:
        """Median seconds from the visit to the answer."""
        return median(course.after_visit for course in self.courses)


@dataclass(frozen=True, slots=True)
class Ahead:
    """The state of the queue before one waiting lookup; seconds from now."""

    first_visit_in: float
    """The gate's next visit that no claimed lookup will use."""
    landings: Collection[float]
    """The end of each lookup in flight."""
    ahead: int
    """The number of due lookups that go first."""
    coming: Sequence[float] = ()
    """The moments at which others become due that will go first; in order."""
    due_in: float = 0.0
    """The earliest moment for the lookup itself: 0, or its next attempt."""


def until_visit(queue: Ahead, pace: Pace) -> float:
    """Seconds until the site is visited for the lookup that `queue` describes."""
    schedule = _Schedule(queue, pace)
    whole_rounds = max(queue.ahead // pace.capacity - ROUNDS_PLAYED, 0)
    for _ in range(queue.ahead - whole_rounds * pace.capacity):
        schedule.take(0.0)
    schedule.skip(whole_rounds)
    for due_in in queue.coming:
        if due_in > schedule.next_visit(queue.due_in):
            break
        schedule.take(due_in)
    return schedule.next_visit(queue.due_in)


def until_answer(stage: Stage, elapsed: float, courses: Sequence[Course]) -> float | None:
    """Seconds until the answer of a lookup that has been in `stage` for `elapsed`.

    `courses` are those of the last lookups; never empty. None if the stage takes so much longer
    than it did for them that they give no forecast.
    """
    left = _left_of([course.of(stage) for course in courses], elapsed)
    return None if left is None else left + median(course.after(stage) for course in courses)


class _Schedule:
    """Simulates the coming visits, one after another."""

    def __init__(self, queue: Ahead, pace: Pace) -> None:
        self._pace = pace
        self._gate_opens = queue.first_visit_in
        # If more are in flight than the capacity, the first of them to end free none.
        self._landings = sorted(queue.landings)[-pace.capacity :]
        heapify(self._landings)

    def next_visit(self, due_in: float) -> float:
        """The earliest visit for a lookup that is due at `due_in`."""
        visit = max(self._gate_opens, due_in)
        if len(self._landings) < self._pace.capacity:
            return visit
        return max(visit, self._landings[0] + self._pace.preparation)

    def take(self, due_in: float) -> None:
        """Use the next visit."""
        visit = self.next_visit(due_in)
        if len(self._landings) == self._pace.capacity:
            heappop(self._landings)
        heappush(self._landings, visit + self._pace.after_visit)
        self._gate_opens = visit + self._pace.gap

    def skip(self, rounds: int) -> None:
        """Use `rounds` times as many visits as the capacity, without simulating them."""
        pace = self._pace
        seconds = rounds * max(pace.capacity * pace.gap, pace.preparation + pace.after_visit)
        self._gate_opens += seconds
        self._landings = [landing + seconds for landing in self._landings]


def _left_of(lasted: Collection[float], elapsed: float) -> float | None:
    """Seconds left of a stage that has lasted `elapsed`; `lasted` are earlier lookups' seconds.

    It is the median of those that lasted longer. Once the short ones are past, that median leaves
    more time than was shown before. The shown time does not rise: it stands still until it is true
    again, or is None if it would stand for longer than LATE_SECONDS.
    """
    left = min(_middle(lasted, at) for at in (*(at for at in lasted if at < elapsed), elapsed))
    over = elapsed - max(lasted)
    late_by = over if over > 0 else _middle(lasted, elapsed) - left
    return left if late_by <= LATE_SECONDS else None


def _middle(lasted: Collection[float], elapsed: float) -> float:
    longer = [seconds for seconds in lasted if seconds >= elapsed]
    return median_low(longer) - elapsed if longer else 0.0
