"""A django-q2 cluster that dies as a whole rather than freezing in part.

As shipped, a cluster one of whose processes is killed may wait for ever on the dead one's lock,
leave orphans that go on taking tasks, or end with exit code 0. Here

* every child is killed by the kernel when its parent dies (PR_SET_PDEATHSIG);
* a child that dies by a signal, or hangs, ends the whole cluster with a non-zero exit code, and
  its supervisor (`make run`, systemd, a container's restart policy) restarts it;
* SIGTERM, even to the whole process group, reaches only the main process, which lets the workers
  finish or hand back the lookups that they hold;
* every few seconds the sentinel writes a heartbeat, takes back the rows of dead workers, sends a
  wake-up if something is due and the task queue is empty, and warns of another cluster that runs
  other code, or shares SQLite from another machine; once a day it starts a process that deletes
  old data, and every few minutes one that asks the captcha service for our balance.
"""

import logging
import multiprocessing
import os
import signal

from django_q.cluster import Cluster, get_mp_context

from accounts.logs import error_reports
from census.worker.code_version import code_version
from census.worker.sentinel import STOP_SIGNALS, run_sentinel

logger = logging.getLogger(__name__)

STOP_SECONDS = 29.0
"""The limit of a stop: the dispatcher's drain (18 s), its browser's end, and some reserve."""


class SteadyCluster(Cluster):  # type: ignore[misc]  # the library is not typed
    """The main process: starts the sentinel, passes a stop on, and gives the exit code."""

    def __init__(self) -> None:
        super().__init__()
        self._asked_to_stop = False
        for signum in STOP_SIGNALS:
            signal.signal(signum, self.sig_handler)

    def sig_handler(self, signum: int, frame: object) -> None:  # noqa: ARG002
        self._asked_to_stop = True

    def run(self) -> int:
        """Run until stopped; return the exit code: 0 after a stop, 1 if a process was killed."""
        self.stop_event = multiprocessing.Event()
        self.start_event = multiprocessing.Event()
        # Blocked during the fork: a child must not run the main process's handlers.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        self.sentinel = get_mp_context().Process(
            target=run_sentinel,
            args=(os.getpid(), self.stop_event, self.start_event, self.cluster_id, None, None),
        )
        self.sentinel.start()
        error_reports.start(code_version())  # after the last fork
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        while self.sentinel.is_alive() and not self._asked_to_stop:
            self.sentinel.join(0.2)
        if self._asked_to_stop and self.sentinel.is_alive():
            self.stop_event.set()
            self.sentinel.join(STOP_SECONDS)
            if self.sentinel.is_alive():
                logger.critical("The cluster did not stop in %s s; killing it.", STOP_SECONDS)
                self.sentinel.kill()
                self.sentinel.join()
        return 0 if self.sentinel.exitcode == 0 else 1
