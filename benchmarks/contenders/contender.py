"""The queues that are measured: their packages, commands and settings."""

from dataclasses import dataclass
from importlib import metadata

from benchmarks.contenders.conditions import AT_ONCE, LEASE_SECONDS, POLL_SECONDS


@dataclass(frozen=True)
class Contender:
    """A queue as a project uses it."""

    name: str
    packages: tuple[str, ...]
    """Names on PyPI; the first one's version is the queue's."""
    jobs: str
    """The module that queues its jobs."""
    settings: str
    worker: tuple[str, ...]
    """Python's arguments to run a worker."""
    is_set_to: str
    workers: int = 1
    """Number of workers to start."""
    uses_redis: bool = False

    def version(self) -> str | None:
        """The queue's version; None if a package of it is not installed."""
        try:
            versions = [metadata.version(package) for package in self.packages]
        except metadata.PackageNotFoundError:
            return None
        return versions[0]


DJANGO_Q2 = Contender(
    "django-q2 as shipped",
    ("django-q2",),
    jobs="django_q2_jobs",
    settings="django_q2_settings",
    worker=("-m", "django", "qcluster"),
    is_set_to=f"its ORM broker, `workers` {AT_ONCE}, `retry` {LEASE_SECONDS} (by default 60),"
    f" `timeout` {LEASE_SECONDS - 5}; all else by default",
)
OURS = Contender(
    "ours",
    ("django-q2",),
    jobs="ours_jobs",
    settings="ours_settings",
    worker=("manage.py", "qcluster"),
    is_set_to=f"`LOOKUP_CONCURRENCY` {AT_ONCE} (by default 12), an interval of a millisecond"
    " (by default 5 s), and a scraper without a browser; all else by default",
)
DJANGO_TASKS_DB = Contender(
    "django-tasks-db",
    ("django-tasks-db", "django-tasks"),
    jobs="django_tasks_jobs",
    settings="django_tasks_settings",
    worker=(
        *("-m", "django", "db_worker", "--no-startup-delay"),
        *("--interval", f"{POLL_SECONDS:g}"),
    ),
    workers=AT_ONCE,
    is_set_to=f"{AT_ONCE} workers, as each does one job at a time, `--interval` {POLL_SECONDS:g}"
    " (by default 1); no setting is about what a dead worker held",
)
DJANGO_OX = Contender(
    "django-ox",
    ("django-ox", "django-tasks"),
    jobs="django_tasks_jobs",
    settings="django_ox_settings",
    worker=(
        *("-m", "django", "ox_worker", "--concurrency", str(AT_ONCE)),
        *("--interval", f"{POLL_SECONDS:g}"),
    ),
    is_set_to=f"`--concurrency` {AT_ONCE}, `--interval` {POLL_SECONDS:g} (by default 1),"
    f" `LOCK_TIMEOUT` {LEASE_SECONDS} (by default 300)",
)
CELERY = Contender(
    "Celery by default",
    ("celery",),
    jobs="celery_jobs",
    settings="celery_settings",
    worker=("-m", "celery", "--app", "benchmarks.contenders.celery_jobs", "worker"),
    is_set_to=f"Redis for a broker, `worker_concurrency` {AT_ONCE}; all else by default",
    uses_redis=True,
)
CELERY_LATE = Contender(
    "Celery, late acks",
    ("celery",),
    jobs="celery_jobs",
    settings="celery_late_settings",
    worker=CELERY.worker,
    is_set_to="the same with `task_acks_late`, `task_reject_on_worker_lost`,"
    f" `worker_prefetch_multiplier` 1, `visibility_timeout` {LEASE_SECONDS} (by default an hour),"
    " `unacked_restore_interval` and `unacked_restore_throttle` 1 (by default 10 each)",
    uses_redis=True,
)

EVERYBODY = (DJANGO_Q2, OURS, DJANGO_TASKS_DB, DJANGO_OX, CELERY, CELERY_LATE)
"""The others are compared with the first."""
