"""Figures that the benchmark of other queues reads from a journal."""

from pathlib import Path

import pytest

from benchmarks.contenders import findings, journal
from benchmarks.contenders.journal import Entry, Event

QUEUED, BEGAN, ENDED = Event.QUEUED, Event.BEGAN, Event.ENDED
KILLED_AND_STARTED_AT = 10.0


def test_a_journal_is_read_as_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "journal"
    monkeypatch.setenv(journal.VARIABLE, str(file))
    journal.write(QUEUED, 7, at=1.25)
    journal.do(7)

    queued, began, ended = journal.read(file)

    assert queued == Entry(QUEUED, 7, 1.25)
    assert (began.event, began.job) == (BEGAN, 7)
    assert (ended.event, ended.job) == (ENDED, 7)
    assert began.at <= ended.at


def test_nothing_is_read_where_nothing_was_written(tmp_path: Path) -> None:
    assert journal.read(tmp_path / "journal") == []


def test_a_latency_goes_to_the_first_beginning_and_leaves_other_jobs_out() -> None:
    entries = [
        *(Entry(QUEUED, 1, 5.0), Entry(BEGAN, 1, 5.5), Entry(BEGAN, 1, 9.0)),
        *(Entry(QUEUED, 2, 6.0), Entry(QUEUED, 3, 7.0), Entry(BEGAN, 3, 7.1)),
    ]

    assert findings.latencies(entries, range(1, 3)) == [0.5]


def test_jobs_per_second_go_from_the_first_beginning_to_the_last_end() -> None:
    entries = [
        *(Entry(QUEUED, 1, 0.0), Entry(BEGAN, 1, 4.0), Entry(ENDED, 1, 4.5)),
        *(Entry(QUEUED, 2, 0.0), Entry(BEGAN, 2, 4.5), Entry(ENDED, 2, 8.0)),
    ]

    assert findings.per_second(entries, range(1, 3)) == 0.5


def test_work_that_only_began_twice_is_no_double() -> None:
    entries = [
        *(Entry(BEGAN, 1, 8.0), Entry(ENDED, 1, 9.0)),
        *(Entry(BEGAN, 2, 9.5), Entry(BEGAN, 2, 13.0), Entry(ENDED, 2, 14.0)),
    ]

    found = findings.recovery(entries, range(1, 3), KILLED_AND_STARTED_AT)

    assert found == findings.Recovery(done=2, jobs=2, doubles=0, seconds=4.0)


def test_work_that_ended_twice_is_a_double_and_was_done_the_first_time() -> None:
    entries = [Entry(ENDED, 1, 9.0), Entry(ENDED, 2, 12.0), Entry(ENDED, 1, 40.0)]

    found = findings.recovery(entries, range(1, 3), KILLED_AND_STARTED_AT)

    assert found == findings.Recovery(done=2, jobs=2, doubles=1, seconds=2.0)


def test_a_job_that_never_ended_leaves_no_time_of_recovery() -> None:
    entries = [Entry(ENDED, 1, 9.0), Entry(BEGAN, 2, 9.5)]

    found = findings.recovery(entries, range(1, 3), KILLED_AND_STARTED_AT)

    assert found == findings.Recovery(done=1, jobs=2, doubles=0, seconds=None)
