"""django-q2 at its defaults, except for what all contenders share."""

from benchmarks.contenders.conditions import AT_ONCE, LEASE_SECONDS
from benchmarks.contenders.settings import *  # noqa: F403
from benchmarks.contenders.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_q"]
Q_CLUSTER = {
    "name": "peers",
    "orm": "default",
    "workers": AT_ONCE,
    # Its defaults are 60 and none, of which it warns: `retry` should be longer than `timeout`.
    "retry": LEASE_SECONDS,
    "timeout": LEASE_SECONDS - 5,
}
