"""The forecast of a waiting time, by the model of the queue."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.wait.forecast import (
    LATE_SECONDS,
    TYPICAL,
    Ahead,
    Course,
    Pace,
    until_answer,
    until_visit,
)
from scraper.turn import Stage

QUICK = Course(waiting=1, opening=1, solving=8, reading=1)
"""Ten seconds after its visit there is the answer."""
PACE = Pace([QUICK], gap=5, capacity=8)
FREE = Ahead(first_visit_in=0, landings=[], ahead=0)

CASES: dict[str, tuple[Ahead, Pace, float]] = {
    "nobody before, the gate open": (FREE, PACE, 0),
    "nobody before, the gate opens soon": (replace(FREE, first_visit_in=3), PACE, 3),
    "three before": (replace(FREE, ahead=3), PACE, 15),
    "three before, the gate paused": (replace(FREE, first_visit_in=60, ahead=3), PACE, 75),
    "the gate is the limit, however many are in flight": (
        replace(FREE, landings=[1, 6], ahead=3),
        PACE,
        15,
    ),
    "no capacity is free before a lookup ends": (
        replace(FREE, landings=[4, 9]),
        replace(PACE, capacity=2),
        4 + 1,
    ),
    "capacity of two, two before: both end, and then there is room": (
        replace(FREE, ahead=2),
        replace(PACE, gap=1, capacity=2),
        0 + 10 + 1,
    ),
    "capacity of one: one whole lookup after another": (
        replace(FREE, ahead=4),
        replace(PACE, gap=1, capacity=1),
        4 * (10 + 1),
    ),
    "more in flight than the capacity now": (
        replace(FREE, landings=[2, 4, 6, 8]),
        replace(PACE, capacity=2),
        6 + 1,
    ),
    "a long queue at the pace of the gate": (replace(FREE, ahead=1000), PACE, 5000),
    "a long queue at the pace of the capacity": (
        replace(FREE, ahead=1000),
        replace(PACE, gap=1, capacity=2),
        500 * 11,
    ),
    "another try that is due in a minute": (replace(FREE, due_in=60), PACE, 60),
    "another try, and the queue is longer than that": (
        replace(FREE, ahead=20, due_in=60),
        PACE,
        100,
    ),
    "a person's try comes due before a bulk's turn": (
        replace(FREE, ahead=3, coming=[10]),
        PACE,
        20,
    ),
    "one that comes due too late goes behind": (replace(FREE, ahead=3, coming=[16]), PACE, 15),
    "each that goes first makes room for another to come due": (
        replace(FREE, ahead=3, coming=[10, 19, 30]),
        PACE,
        25,
    ),
}


@pytest.mark.parametrize(("line", "pace", "seconds"), CASES.values(), ids=CASES.keys())
def test_the_visit_of_whoever_waits(line: Ahead, pace: Pace, seconds: float) -> None:
    assert until_visit(line, pace) == pytest.approx(seconds)


SPREAD = [replace(QUICK, solving=seconds) for seconds in (5, 6, 7, 8, 30)]
"""A minute's captcha among quick ones."""


@pytest.mark.parametrize(
    ("stage", "elapsed", "seconds"),
    [
        (Stage.WAITING, 0.0, 1 + 1 + 7 + 1),
        (Stage.OPENING, 0.0, 1 + 7 + 1),
        (Stage.OPENING, 0.5, 0.5 + 7 + 1),
        (Stage.OPENING, 5.5, 0 + 7 + 1),
        (Stage.OPENING, 6.5, None),
        (Stage.SOLVING, 0.0, 7 + 1),
        (Stage.SOLVING, 5.0, 2 + 1),
        (Stage.SOLVING, 6.0, 1 + 1),
        (Stage.SOLVING, 6.5, 1 + 1),  # of 7, 8 and 30 that were 1.5; 1 had been said
        (Stage.SOLVING, 7.75, 0.25 + 1),
        (Stage.SOLVING, 8.5, None),  # 30 alone is longer, and nothing had been left
        (Stage.SOLVING, 26.0, 0 + 1),  # said again, now that it is nearly true
        (Stage.SOLVING, 34.0, 0 + 1),
        (Stage.SOLVING, 36.0, None),
        (Stage.READING, 0.25, 0.75),
        (Stage.READING, 2.0, 0.0),
        (Stage.READING, 6.5, None),
    ],
)
def test_the_answer_of_a_lookup_in_flight(
    stage: Stage, elapsed: float, seconds: float | None
) -> None:
    assert until_answer(stage, elapsed, SPREAD) == pytest.approx(seconds)


def test_a_page_without_a_captcha_has_no_time_for_one() -> None:
    plain = replace(QUICK, solving=0)

    assert until_answer(Stage.OPENING, 0, [plain]) == 1 + 1


def test_what_is_known_of_the_whole_alone_is_spread_over_the_stages() -> None:
    course = TYPICAL.stretched_to(30)

    assert course.total == pytest.approx(30)
    assert course.solving == pytest.approx(TYPICAL.solving * 2)


seconds = st.floats(0, 100, allow_nan=False)
courses = st.lists(
    st.builds(Course, waiting=seconds, opening=seconds, solving=seconds, reading=seconds),
    min_size=1,
    max_size=6,
)
paces = st.builds(Pace, courses=courses, gap=st.floats(0.05, 60), capacity=st.integers(1, 12))
lines = st.builds(
    Ahead,
    first_visit_in=seconds,
    landings=st.lists(seconds, max_size=15),
    ahead=st.integers(0, 80),
    coming=st.lists(seconds, max_size=8).map(sorted),
    due_in=seconds,
)
ROUNDING = 1e-6


@given(lines, paces)
def test_nobody_visits_before_the_gate_or_their_time(line: Ahead, pace: Pace) -> None:
    assert until_visit(line, pace) >= max(line.first_visit_in, line.due_in)


@given(lines, paces, st.integers(1, 30))
def test_whoever_stands_further_back_visits_later(line: Ahead, pace: Pace, more: int) -> None:
    line = replace(line, coming=[], due_in=0)
    behind = replace(line, ahead=line.ahead + more)

    later = until_visit(behind, pace) - until_visit(line, pace)

    assert later >= pace.gap - ROUNDING


@given(lines, paces, seconds)
def test_a_gate_that_opens_later_or_more_slowly_makes_nobody_sooner(
    line: Ahead, pace: Pace, more: float
) -> None:
    before = until_visit(line, pace)

    assert until_visit(replace(line, first_visit_in=line.first_visit_in + more), pace) >= before
    line = replace(line, coming=[])  # a slower gate lets more of those come due in time
    assert (
        until_visit(line, replace(pace, gap=pace.gap + more)) >= until_visit(line, pace) - ROUNDING
    )


@given(lines, paces, st.integers(1, 12))
def test_another_worker_makes_nobody_later(line: Ahead, pace: Pace, more: int) -> None:
    line = replace(line, coming=[])

    bigger = replace(pace, capacity=pace.capacity + more)

    assert until_visit(line, bigger) <= until_visit(line, pace) + ROUNDING


@given(st.sampled_from(Stage), courses, st.lists(seconds, min_size=2, max_size=10).map(sorted))
def test_as_a_stage_lasts_its_end_never_moves_away(
    stage: Stage, courses: list[Course], moments: list[float]
) -> None:
    said = [until_answer(stage, elapsed, courses) for elapsed in moments]

    told = [left for left in said if left is not None]
    assert told == sorted(told, reverse=True)
    assert all(left >= 0 for left in told)


@given(st.sampled_from(Stage), courses, seconds)
def test_nothing_is_told_for_ever(stage: Stage, courses: list[Course], beyond: float) -> None:
    longest = max(course.of(stage) for course in courses)

    assert until_answer(stage, longest + LATE_SECONDS + 0.1 + beyond, courses) is None
