"""A django-q2 cluster that dies as a whole rather than freezing in part.

As shipped, a cluster one of whose processes is killed may wait for ever on the dead one's lock,
leave orphans that go on taking tasks, or end with exit code 0. Here

* every child is killed by the kernel when its parent dies (PR_SET_PDEATHSIG);
* a child that dies by a signal, or hangs, ends the whole cluster with a non-zero exit code, and
  whoever supervises it (`make run`, systemd, a container's restart policy) starts it anew;
* SIGTERM, even to the whole process group, reaches the main process alone, which lets the workers
  finish or hand back what they hold;
* the sentinel says every few seconds that the cluster lives, takes back what dead workers held,
  wakes a worker when something is due and nothing in the queue says so, and warns of another
  cluster that runs other code, or shares SQLite from another machine; once a day it has what is
  too old deleted, and every few minutes the captcha service asked for our balance, each by a
  process apart.
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
"""What a stop may take: the dispatcher's drain (18 s), its browser's end, and some air."""


class SteadyCluster(Cluster):  # type: ignore[misc]  # the library is not typed
    """The main process: starts the sentinel, passes a stop on, and tells how it ended."""

    def __init__(self) -> None:
        super().__init__()
        self._asked_to_stop = False
        for signum in STOP_SIGNALS:
            signal.signal(signum, self.sig_handler)

    def sig_handler(self, signum: int, frame: object) -> None:  # noqa: ARG002
        self._asked_to_stop = True

    def run(self) -> int:
        """Run until stopped; the exit code: 0 after a stop, 1 when a process was killed."""
        self.stop_event = multiprocessing.Event()
        self.start_event = multiprocessing.Event()
        # Blocked over the fork: a child must not run the main process's handlers.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        self.sentinel = get_mp_context().Process(
            target=run_sentinel,
            args=(os.getpid(), self.stop_event, self.start_event, self.cluster_id, None, None),
        )
        self.sentinel.start()
        error_reports.start(code_version())  # from here on it has no more children
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
