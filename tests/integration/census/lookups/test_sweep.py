"""The sweep takes up what dead workers left behind, whether or not a lease still runs."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.utils import timezone

from census.lookups import lifecycle, sweep, workers
from census.lookups.lifecycle import LEASE_LOST
from census.models import CedulaInfo, LookupAttempt
from census.states import Status
from tests.lookups import claimed, expire, new_lookup
from tests.stack import wait_until

pytestmark = pytest.mark.django_db


def test_a_live_lease_is_left_alone() -> None:
    info = new_lookup()
    claimed(info)

    assert sweep.take_back_lost_claims() == 0
    info.refresh_from_db()
    assert info.status == Status.PROCESSING


def test_a_lost_claim_is_due_again_at_once() -> None:
    info = new_lookup()
    claimed(info)
    expire(info)

    assert sweep.take_back_lost_claims() == 1
    info.refresh_from_db()
    assert (info.status, info.error_kind) == (Status.PENDING, LEASE_LOST)
    assert lifecycle.due_rows().contains(info)


def test_a_lookup_that_killed_its_worker_at_every_attempt_ends() -> None:
    info = new_lookup()
    for _ in range(4):
        claimed(info)
        expire(info)
        sweep.take_back_lost_claims()

    info.refresh_from_db()
    assert (info.status, info.attempts) == (Status.ERROR, 4)
    assert LookupAttempt.objects.filter(info=info, outcome=LEASE_LOST).count() == 4


def test_the_claims_of_a_dead_process_of_this_machine_need_no_lease_to_run_out() -> None:
    info = new_lookup()
    name = subprocess.run(
        [
            sys.executable,
            "-c",
            "from census.lookups import workers as w; print(w.current_worker())",
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.strip()
    lifecycle.claim_next(name, info.user_id)

    assert sweep.take_back_claims_of_the_dead() == 1
    info.refresh_from_db()
    assert info.status == Status.PENDING


def test_the_claims_of_the_living_and_of_other_machines_are_left_alone() -> None:
    here, elsewhere = new_lookup("52000111"), new_lookup("52000112")
    lifecycle.claim_next(workers.current_worker(), here.user_id)
    lifecycle.claim_next("elsewhere/9f-402/77/1", elsewhere.user_id)

    assert sweep.take_back_claims_of_the_dead() == 0
    assert CedulaInfo.objects.filter(status=Status.PROCESSING).count() == 2


def test_a_process_that_nobody_has_waited_for_is_dead_all_the_same() -> None:
    host, namespace, _, _ = workers.current_worker().rsplit("/", 3)
    with subprocess.Popen(["sleep", "60"]) as process:
        start = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").split()[21]
        worker = f"{host}/{namespace}/{process.pid}/{start}"
        assert not workers.is_certainly_dead(worker)
        process.kill()
        wait_until(lambda: psutil.Process(process.pid).status() == "zombie", "it has ended")

        assert workers.is_certainly_dead(worker)


def test_a_process_that_got_the_number_of_a_dead_one_is_not_taken_for_it() -> None:
    host, namespace, pid, start = workers.current_worker().rsplit("/", 3)

    assert workers.is_certainly_dead(f"{host}/{namespace}/{pid}/{int(start) - 1}")
    assert not workers.is_certainly_dead(f"{host}/{namespace}/{pid}/{start}")


def test_an_old_lease_without_an_attempt_in_the_log_is_taken_back() -> None:
    info = new_lookup(
        status=Status.PROCESSING, lease_expires_at=timezone.now() - timedelta(minutes=5)
    )

    assert sweep.take_back_lost_claims() == 1
    info.refresh_from_db()
    assert info.status == Status.PENDING


def test_a_lease_that_was_renewed_since_the_sweep_read_it_is_not_lost() -> None:
    info = new_lookup()
    claim = claimed(info)
    expire(info)
    (read,) = lifecycle.lost_claims()
    lifecycle.renew([claim])

    assert not sweep.take_back(read)

    info.refresh_from_db()
    assert (info.status, info.claim) == (Status.PROCESSING, claim.token)
    assert LookupAttempt.objects.get(info=info).ended_at is None
