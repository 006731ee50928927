"""The sentinel of a cluster: it watches the children and keeps the queue moving."""

import logging
import math
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import db
from django.utils import timezone
from django_q.cluster import Sentinel, get_mp_context
from django_q.conf import Conf
from django_q.scheduler import scheduler
from django_q.worker import worker

from accounts.logs import error_reports
from census.lookups import lifecycle, sweep, wakeups
from census.models import PurgeRun, WorkerHeartbeat
from census.privacy import retention
from census.worker import pulse
from census.worker.code_version import code_version
from census.worker.neighbours import OtherCode, OtherHosts
from census.worker.outage import Outage
from census.worker.parent_death import end_with_parent
from scraper.gate import captcha_balance
from scraper.gate.visits import Gate

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5.0
SCHEDULER_SECONDS = 30.0
PURGE_SECONDS = 60.0
"""Time between two checks whether the daily deletion is due, and before the first one."""
HUNG_SECONDS = 55.0
"""A dispatcher does five rounds a second, and the scraper's loop tells each second that it runs. A
worker in which one of them is silent for this long hangs; within a minute the cluster has ended."""
FORGET_SECONDS = 24 * 3600.0
"""Heartbeats of killed clusters are deleted after a day."""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def _ignore_stop_signals() -> None:
    for signum in STOP_SIGNALS:
        signal.signal(signum, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def _run_child(parent_pid: int, target: Callable[..., None], args: tuple[Any, ...]) -> None:
    end_with_parent(parent_pid, signal.SIGKILL)
    _ignore_stop_signals()
    error_reports.start(code_version())
    _run_logged(target, args)


def _run_logged(target: Callable[..., object], args: tuple[Any, ...]) -> None:
    """Run this process's `target`; an uncaught error goes to the masked log, not to a terminal."""
    try:
        target(*args)
    except Exception:  # the parent sees the exit code, as it would without this
        logger.critical("%s fails.", multiprocessing.current_process().name, exc_info=True)
        sys.exit(1)
    finally:
        error_reports.flush()  # a forked child skips Python's own cleanup


def _run_worker(own: pulse.Pulse, *args: Any) -> None:
    # A process group of its own: a signal to the cluster's group must not reach the browser.
    os.setpgid(0, 0)
    pulse.adopt(own)
    worker(*args)


def _run_purge(run: PurgeRun) -> None:
    try:
        retention.perform(run)
    except Exception:  # lookups must go on; the run stays open and is started again
        logger.exception("What is too old could not all be deleted.")


def _run_balance() -> None:
    try:
        captcha_balance.refresh()
    except Exception:  # likewise: it is asked again in some minutes
        logger.exception("The balance at the captcha service could not be stored.")


class SteadySentinel(Sentinel):  # type: ignore[misc]  # the library is not typed
    """A sentinel that ends the cluster when a child was killed, and keeps the queue moving."""

    def start(self) -> None:
        self.drain = pulse.new_drain_flag()
        self.pulses: dict[str, pulse.Pulse] = {}
        self.version = code_version()  # read now, before an upgrade changes the files
        self.other_code = OtherCode(self.version)
        self.host = socket.gethostname()[:100]
        self.other_hosts = OtherHosts(self.host)
        self.purge: Any = None
        self.trouble_at = -math.inf
        self.outage = Outage(logger)
        self.balance: Any = None
        _ignore_stop_signals()  # only the main process decides when to stop
        super().start()

    def spawn_process(self, target: Callable[..., None], *args: Any) -> Any:
        if target is worker:
            shared = pulse.Pulse.new(self.drain)
            process = self._child(_run_worker, (shared, *args))
            self.pulses[process.name] = shared
            process.timer = args[2]
            self.pool.append(process)
        else:
            process = self._child(target, args)
        process.start()
        return process

    def _child(self, target: Callable[..., None], args: tuple[Any, ...]) -> Any:
        # Any: the library sets attributes of its own on its processes
        return get_mp_context().Process(
            target=_run_child, args=(os.getpid(), target, args), daemon=True
        )

    def guard(self) -> None:
        """Watch the children until the cluster is to stop."""
        self.start_event.set()
        logger.info("Cluster %s runs.", self.cluster_id)
        next_beat = 0.0
        next_schedule = time.monotonic() + SCHEDULER_SECONDS
        next_purge = time.monotonic() + PURGE_SECONDS
        while not self._must_stop_after(Conf.GUARD_CYCLE):
            self._check_children()
            now = time.monotonic()
            if now >= next_beat:
                next_beat = now + BEAT_SECONDS
                self._survive_database_trouble(self._beat)
                self._survive_database_trouble(self._ask_balance_when_due)
            if now >= next_schedule:
                next_schedule = now + SCHEDULER_SECONDS
                self._survive_database_trouble(lambda: scheduler(broker=self.broker))
            if now >= next_purge:
                next_purge = now + PURGE_SECONDS
                self._survive_database_trouble(self._purge_when_due)
        self.stop()

    def _must_stop_after(self, seconds: float) -> bool:
        """Wait, then return True if the cluster is to stop.

        The event's own wait goes by the clock: after one set back by an hour it takes an hour.
        """
        time.sleep(seconds)
        return bool(self.stop_event.is_set())

    def _purge_when_due(self) -> None:
        """Start the daily deletion, once a day over all clusters.

        Not as a task: the worker is busy for as long as anything is due, which may be always, and
        lookups must not wait for this.
        """
        if self.purge is not None:
            self.purge.join(0)  # reap yesterday's
        run = retention.begin_daily_purge(timezone.now())
        if run is not None:
            self.purge = self._errand(_run_purge, run)

    def _ask_balance_when_due(self) -> None:
        if self.balance is not None:
            self.balance.join(0)
        if captcha_balance.begin_asking(timezone.now()):
            self.balance = self._errand(_run_balance)

    def _errand(self, target: Callable[..., None], *args: Any) -> Any:
        """Start a process that runs `target` once and ends."""
        db.connections.close_all()  # a child must not share a connection
        process = self._child(target, args)
        process.start()
        return process

    def stop(self) -> None:
        self.drain.value = True
        for errand in (self.purge, self.balance):
            if errand is not None:
                errand.kill()  # it ignores stop signals; its open transaction is rolled back
        self._survive_database_trouble(
            lambda: WorkerHeartbeat.objects.filter(pk=self.cluster_id).delete()
        )
        super().stop()

    def _check_children(self) -> None:
        for process in (self.monitor, self.pusher, *self.pool):
            if process.exitcode:
                self._die(f"{process.name} ended with code {process.exitcode}")
        for process in (self.monitor, self.pusher):
            if process.exitcode == 0:
                self.reincarnate(process)
        for process in list(self.pool):
            if process.exitcode == 0:
                del self.pulses[process.name]
                self.reincarnate(process)
        for name, shared in self.pulses.items():
            beat_at = shared.beat_at.value
            if beat_at and time.monotonic() - beat_at > HUNG_SECONDS:
                self._die(f"{name} hangs")

    def _die(self, reason: str) -> None:
        """End the cluster now: the others may wait for a lock that a dead process holds."""
        logger.critical("The cluster ends, to be started anew: %s.", reason)
        children = (self.monitor, self.pusher, *self.pool)
        for process in children:
            process.kill()
        for process in children:
            process.join(1)
        os._exit(1)

    def _beat(self) -> None:
        now = timezone.now()
        WorkerHeartbeat.objects.update_or_create(
            pk=self.cluster_id,
            defaults={"beat_at": now},
            create_defaults={
                "beat_at": now,
                "version": self.version,
                "started_at": now,
                "host": self.host,
                "pid": self.parent_pid,
            },
        )
        WorkerHeartbeat.objects.filter(beat_at__lt=now - timedelta(seconds=FORGET_SECONDS)).delete()
        self.other_code.warn()
        self.other_hosts.warn()
        if time.monotonic() - self.trouble_at > sweep.GRACE_SECONDS:
            sweep.take_back_lost_claims()
        sweep.take_back_claims_of_the_dead()
        sweep.call_off_what_came_back()
        sweep.mend_impossible_times()
        idle = all(shared.beat_at.value == 0.0 for shared in self.pulses.values())
        if idle and lifecycle.is_anything_due() and Gate.state().paused_until is None:
            wakeups.wake()
        self.outage.is_over()

    def _survive_database_trouble(self, action: Callable[[], object]) -> None:
        """Run `action`; a failing database must not end the cluster, it is tried again soon."""
        try:
            action()
        except (db.DatabaseError, db.InterfaceError) as error:
            self.trouble_at = time.monotonic()
            self.outage.goes_on(error)
            db.close_old_connections()


def run_sentinel(parent_pid: int, *args: Any) -> None:
    end_with_parent(parent_pid, signal.SIGKILL)
    error_reports.start(code_version(), forks=True)
    _run_logged(SteadySentinel, args)
