"""The shapes of a chart."""

import pytest

from census.operation.charts import GAP, HEIGHT, WIDTH, Bar, columns


def test_the_highest_column_fills_the_height_and_the_others_stand_in_proportion() -> None:
    half, whole = columns([[1, 2], [1, 2]])

    assert [bar.height for bar in whole] == [HEIGHT / 2, HEIGHT / 2]
    assert [bar.height for bar in half] == [HEIGHT / 4, HEIGHT / 4]


def test_a_series_stands_on_the_one_before() -> None:
    ((lower, upper),) = columns([[3], [1]])

    assert lower.y + lower.height == HEIGHT
    assert upper.y + upper.height == lower.y
    assert upper.y == 0


def test_columns_share_the_width_and_do_not_touch() -> None:
    (first,), (second,) = columns([[1, 1]])

    assert first.width == pytest.approx(WIDTH / 2 * (1 - GAP))
    assert second.x - (first.x + first.width) == pytest.approx(WIDTH / 2 * GAP)


def test_nothing_known_draws_nothing() -> None:
    assert columns([[None, 0]]) == [
        [Bar(6.25, HEIGHT, 37.5, 0.0)],
        [Bar(56.25, HEIGHT, 37.5, 0.0)],
    ]
    assert columns([[]]) == []
