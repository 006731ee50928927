"""Django's tasks with the backend that keeps them in the database: django-tasks-db."""

from benchmarks.contenders.settings import *  # noqa: F403
from benchmarks.contenders.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_tasks", "django_tasks_db"]
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
