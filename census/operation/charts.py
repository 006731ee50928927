"""Turn columns of numbers into shapes for an SVG of WIDTH by HEIGHT units. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 100.0, 32.0
GAP = 0.25
"""The part of a column's width that stays empty."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle in the SVG's units; x and y are its upper left corner."""

    x: float
    y: float
    width: float
    height: float


def columns(series: Sequence[Sequence[float | None]]) -> list[list[Bar]]:
    """The bars of each column, one for each series, stacked; the highest column fills the height.

    A column has the values of one index of the series. None draws nothing.
    """
    stacks = list(zip(*series, strict=True))
    highest = max((sum(value or 0 for value in stack) for stack in stacks), default=0)
    step = WIDTH / max(len(stacks), 1)
    return [_stacked(stack, number * step, step, highest) for number, stack in enumerate(stacks)]


def _stacked(values: Sequence[float | None], left: float, step: float, highest: float) -> list[Bar]:
    bars, base = [], HEIGHT
    for value in values:
        height = HEIGHT * (value or 0) / highest if highest else 0.0
        base -= height
        shape = (left + step * GAP / 2, base, step * (1 - GAP), height)
        bars.append(Bar(*(round(length, 2) for length in shape)))
    return bars
