"""How long somebody still waits: a model of the line, the gate and the lookups in flight.

Pure: no clock, no database. All times are seconds, from now where they are moments.

The line moves at the pace of the gate, one visit per gap, as long as a worker has a place free for
the next lookup; a place is free again when a lookup in flight ends. So the visits that come first
are played through one by one. A lookup's own time is that of the last ones, stage by stage.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from statistics import median, median_low

from scraper.turn import Stage

STAGES = tuple(Stage)
"""In the order of a lookup."""

ROUNDS_PLAYED = 3
"""Of a long line so many rounds, each with a lookup in every place, are played through; from then
on all rounds are alike."""

LATE_SECONDS = 5.0
"""For how long a time that has run out may be told as the same few seconds: what is told is rounded
to five."""


@dataclass(frozen=True, slots=True)
class Course:
    """How long one lookup took in each stage, from its claim to its answer."""

    waiting: float
    opening: float
    solving: float
    reading: float

    @property
    def total(self) -> float:
        return self.waiting + self.after_visit

    @property
    def after_visit(self) -> float:
        """From the visit to the answer."""
        return self.opening + self.solving + self.reading

    def of(self, stage: Stage) -> float:
        """The time that it took for `stage`."""
        return float(getattr(self, stage))

    def after(self, stage: Stage) -> float:
        """The time that it took for all that follows `stage`."""
        return sum(self.of(later) for later in STAGES[STAGES.index(stage) + 1 :])

    def stretched_to(self, total: float) -> "Course":
        """The same course, slower or faster."""
        share = total / self.total
        return Course(*(self.of(stage) * share for stage in STAGES))


TYPICAL = Course(waiting=0.0, opening=2.0, solving=12.0, reading=1.0)
"""Until there are lookups to measure."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast things go at present."""

    courses: Sequence[Course]
    """Of the last lookups that brought an answer; never empty."""
    gap: float
    """Between two visits while somebody waits."""
    places: int
    """Lookups that all workers together hold in flight; at least 1."""

    @property
    def preparation(self) -> float:
        """From the claim to the visit, where the gate is open."""
        return median(course.waiting for course in self.courses)

    @property
    def after_visit(self) -> float:
        """From the visit to the answer."""
        return median(course.after_visit for course in self.courses)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What stands between a lookup that waits and its visit; seconds from now."""

    first_visit_in: float
    """When the gate lets the next one through whom nobody has claimed yet."""
    landings: Collection[float]
    """When each lookup in flight will end."""
    ahead: int
    """Who is due and goes first."""
    coming: Sequence[float] = ()
    """When others will be due who go first then; in order."""
    due_in: float = 0.0
    """When their own turn may come at the earliest: 0, or where another try waits for its time."""


def until_visit(queue: Ahead, pace: Pace) -> float:
    """When the site will be visited for whoever waits in this queue."""
    schedule = _Schedule(queue, pace)
    whole_rounds = max(queue.ahead // pace.places - ROUNDS_PLAYED, 0)
    for _ in range(queue.ahead - whole_rounds * pace.places):
        schedule.take(0.0)
    schedule.skip(whole_rounds)
    for due_in in queue.coming:
        if due_in > schedule.next_visit(queue.due_in):
            break
        schedule.take(due_in)
    return schedule.next_visit(queue.due_in)


def until_answer(stage: Stage, elapsed: float, courses: Sequence[Course]) -> float | None:
    """When the answer of a lookup will be there that has been in `stage` for `elapsed`.

    `courses` are those of the last lookups; never empty. None where the stage takes so much longer
    than it did for them that there is nothing to go by.
    """
    left = _left_of([course.of(stage) for course in courses], elapsed)
    return None if left is None else left + median(course.after(stage) for course in courses)


class _Schedule:
    """The visits to come, given out one after another."""

    def __init__(self, queue: Ahead, pace: Pace) -> None:
        self._pace = pace
        self._gate_opens = queue.first_visit_in
        # Where more are in flight than have a place, the first of them to end free none.
        self._landings = sorted(queue.landings)[-pace.places :]
        heapify(self._landings)

    def next_visit(self, due_in: float) -> float:
        """When the next one could visit who is due then."""
        visit = max(self._gate_opens, due_in)
        if len(self._landings) < self._pace.places:
            return visit
        return max(visit, self._landings[0] + self._pace.preparation)

    def take(self, due_in: float) -> None:
        """Give the next visit away."""
        visit = self.next_visit(due_in)
        if len(self._landings) == self._pace.places:
            heappop(self._landings)
        heappush(self._landings, visit + self._pace.after_visit)
        self._gate_opens = visit + self._pace.gap

    def skip(self, rounds: int) -> None:
        """Give as many visits away as there are places, so many times."""
        pace = self._pace
        seconds = rounds * max(pace.places * pace.gap, pace.preparation + pace.after_visit)
        self._gate_opens += seconds
        self._landings = [landing + seconds for landing in self._landings]


def _left_of(lasted: Collection[float], elapsed: float) -> float | None:
    """What is left of something that has lasted `elapsed`, and so long at other times.

    It is the median of those that lasted longer. Once the short ones are over, the rest would have
    more left than was said before: that is not taken back, what is said stands still until it is
    true again, or None where it would stand for longer than LATE_SECONDS.
    """
    left = min(_middle(lasted, at) for at in (*(at for at in lasted if at < elapsed), elapsed))
    over = elapsed - max(lasted)
    late_by = over if over > 0 else _middle(lasted, elapsed) - left
    return left if late_by <= LATE_SECONDS else None


def _middle(lasted: Collection[float], elapsed: float) -> float:
    longer = [seconds for seconds in lasted if seconds >= elapsed]
    return median_low(longer) - elapsed if longer else 0.0
