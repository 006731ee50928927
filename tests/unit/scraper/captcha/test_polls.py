"""The times of the polls for a captcha's token."""

import pytest

from scraper.captcha.twocaptcha import next_poll_at

ACCEPTED_AT = 1000.0


@pytest.mark.parametrize(
    ("polled_at", "now", "expected"),
    [
        (0.0, 0.0, 5.0),  # just taken on
        (5.0, 5.1, 10.0),  # a quick answer
        (5.0, 9.9, 10.0),  # a slow one makes the next poll no later
        (5.0, 10.0, 15.0),  # one that took the whole interval leaves one out
        (5.0, 22.0, 25.0),
        (5.0, 4.999, 10.0),  # the sleep before it ended a little early
    ],
)
def test_polls_come_at_full_intervals_from_when_the_captcha_was_taken_on(
    polled_at: float, now: float, expected: float
) -> None:
    due = next_poll_at(ACCEPTED_AT, ACCEPTED_AT + polled_at, ACCEPTED_AT + now, 5.0)
    assert due == pytest.approx(ACCEPTED_AT + expected)
