"""Django's tasks with django-ox for a backend."""

from benchmarks.contenders.conditions import LEASE_SECONDS
from benchmarks.contenders.settings import *  # noqa: F403
from benchmarks.contenders.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_tasks", "django_ox"]
TASKS = {
    "default": {
        "BACKEND": "django_ox.backend.OxBackend",
        "OPTIONS": {"LOCK_TIMEOUT": LEASE_SECONDS},  # 300 by default
    }
}
