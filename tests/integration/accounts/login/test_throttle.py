"""The counters: exact over threads and processes, forgetful, and silent about whose they are."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from accounts.login.throttle import Counter, Limit, Locked, check, give_back, take
from accounts.models import ThrottleCounter

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
THREE = Limit("test: three", 3, timedelta(minutes=15))
TWO = Limit("test: two", 2, timedelta(hours=3))

TAKE_ALL_AT_ONCE = """
import json, sys, threading
from datetime import timedelta
from django.db import connection
from accounts.login.throttle import Counter, Limit

counter = Counter.of(Limit("test: at once", 25, timedelta(hours=1)), "somebody")
start, taken = threading.Barrier(4), []

def work():
    start.wait(10)
    taken.extend(counter.take() for _ in range(10))
    connection.close()

threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join(60) for thread in threads]
print(json.dumps([len(taken), sum(taken)]))
"""


def test_two_processes_of_four_threads_take_just_as_many_places_as_there_are(
    own_database: dict[str, str],
) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "manage.py", "shell", "-v0", "-c", TAKE_ALL_AT_ONCE],
            env=own_database,
            cwd=own_database["PYTHONPATH"],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    told = [json.loads(process.communicate(timeout=100)[0]) for process in processes]

    assert [tries for tries, _ in told] == [40, 40]
    assert sum(taken for _, taken in told) == 25


BEGIN_AT_ONCE = """
import json, threading
from datetime import timedelta
from django.db import connection
from accounts.login.throttle import Counter, Limit

limit = Limit("test: begun at once", 4, timedelta(hours=1))
start, taken = threading.Barrier(4), []

def work():
    for number in range(25):
        start.wait(60)
        taken.append(Counter.of(limit, str(number)).take())
    connection.close()

threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join(100) for thread in threads]
print(json.dumps([len(taken), sum(taken)]))
"""


def test_the_first_ones_of_a_window_do_not_turn_each_other_away(
    own_database: dict[str, str],
) -> None:
    """Bug: whoever came while another began the window was told to wait for a second."""
    told = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", BEGIN_AT_ONCE],
        env=own_database,
        cwd=own_database["PYTHONPATH"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    assert json.loads(told.stdout) == [100, 100]


@pytest.mark.django_db
class TestACounter:
    def test_a_window_that_another_process_began_meanwhile_is_not_taken_for_a_full_one(
        self,
    ) -> None:
        counter = Counter.of(THREE, "somebody")
        others: list[bool] = []

        def the_other_is_faster(execute: Callable[..., object], sql: str, *rest: object) -> object:
            if sql.startswith("SELECT") and not others:  # after the first UPDATE found no window
                others.append(False)
                others[0] = counter.take()
            return execute(sql, *rest)

        with connection.execute_wrapper(the_other_is_faster):
            assert counter.take()

        assert others == [True]
        assert [counter.take() for _ in range(2)] == [True, False]

    def test_it_is_full_until_its_window_ends_and_no_longer(self) -> None:
        counter = Counter.of(THREE, "somebody")
        with time_machine.travel(NOON, tick=False) as clock:
            assert [counter.take() for _ in range(5)] == [True, True, True, False, False]
            clock.shift(timedelta(minutes=14, seconds=59))
            assert not counter.take()
            assert counter.seconds_left() == 1
            clock.shift(timedelta(seconds=1))
            assert counter.seconds_left() == 0
            assert counter.take()

    def test_a_place_that_was_given_back_can_be_taken(self) -> None:
        counter = Counter.of(THREE, "somebody")
        for _ in range(3):
            counter.take()
        counter.give_back()

        assert [counter.take(), counter.take()] == [True, False]

    def test_giving_back_too_often_makes_no_places(self) -> None:
        counter = Counter.of(THREE, "somebody")
        counter.take()
        for _ in range(5):
            counter.give_back()

        assert [counter.take() for _ in range(4)] == [True, True, True, False]

    def test_others_are_not_counted_with_it(self) -> None:
        for _ in range(3):
            Counter.of(THREE, "somebody").take()

        assert Counter.of(THREE, "somebody", "else").take()
        assert Counter.of(TWO, "somebody").take()

    def test_what_is_over_is_swept_out(self) -> None:
        with time_machine.travel(NOON, tick=False) as clock:
            for name in ("Ana", "Luz", "Édgar"):
                Counter.of(THREE, name).take()
            clock.shift(timedelta(minutes=15))
            Counter.of(THREE, "Nubia").take()

        assert ThrottleCounter.objects.count() == 1

    def test_its_row_tells_nothing(self) -> None:
        Counter.of(THREE, "1030000001").take()

        row = ThrottleCounter.objects.get()
        assert len(row.key) == 64
        assert "1030000001" not in row.key


@pytest.mark.django_db
class TestSeveralTogether:
    def test_where_one_is_full_none_is_taken_and_the_longest_wait_is_told(self) -> None:
        open_one, full, later = (
            Counter.of(THREE, "open"),
            Counter.of(THREE, "full"),
            Counter.of(TWO, "later"),
        )
        with time_machine.travel(NOON, tick=False):
            for counter in (full, later):
                while counter.take():
                    pass
            with pytest.raises(Locked) as refused:
                take([open_one, full, later])

        assert refused.value.seconds == 3 * 3600
        assert str(refused.value) == (
            "Hubo demasiados intentos. Espera 3 horas y vuelve a intentarlo."
        )
        assert [open_one.take() for _ in range(4)] == [True, True, True, False]

    def test_checking_takes_nothing(self) -> None:
        counters = [Counter.of(TWO, "a"), Counter.of(THREE, "b")]
        for _ in range(10):
            check(counters)
        take(counters)
        give_back(counters)
        take(counters)
        take(counters)

        with pytest.raises(Locked):
            check(counters)
