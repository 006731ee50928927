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


@dataclass(frozen=True, slots=True)
class ChartColumn:
    """A column of the chart: a bar for each series, stacked in their order."""

    bars: Sequence[Bar]


def columns(series: Sequence[Sequence[float | None]]) -> list[ChartColumn]:
    """A column for each index of the series; the highest fills the height. None draws nothing."""
    stacks = list(zip(*series, strict=True))
    highest = max((sum(value or 0 for value in stack) for stack in stacks), default=0)
    step = WIDTH / max(len(stacks), 1)
    return [
        ChartColumn(_stacked(stack, number * step, step, highest))
        for number, stack in enumerate(stacks)
    ]


def _stacked(values: Sequence[float | None], left: float, step: float, highest: float) -> list[Bar]:
    bars, base = [], HEIGHT
    for value in values:
        height = HEIGHT * (value or 0) / highest if highest else 0.0
        base -= height
        bars.append(
            Bar(
                round(left + step * GAP / 2, 2),
                round(base, 2),
                round(step * (1 - GAP), 2),
                round(height, 2),
            )
        )
    return bars
