"""Columns of numbers as shapes for an SVG, 100 units wide; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 100.0, 32.0
GAP = 0.25
"""The part of a column's place that stays empty."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; in the SVG's units, from its upper left."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ChartColumn:
    """One place on the axis: a bar for each series, each standing on the one before."""

    bars: Sequence[Bar]


def columns(series: Sequence[Sequence[float | None]]) -> list[ChartColumn]:
    """For each place a column, where the highest of all fills the height; None draws nothing."""
    places = list(zip(*series, strict=True))
    highest = max((sum(value or 0 for value in place) for place in places), default=0)
    step = WIDTH / max(len(places), 1)
    return [
        ChartColumn(_stacked(place, number * step, step, highest))
        for number, place in enumerate(places)
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
