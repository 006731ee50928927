"""django-q2 as it is shipped: its defaults, but for what all have alike."""

from benchmarks.contenders.conditions import AT_ONCE, LEASE_SECONDS
from benchmarks.contenders.settings import *  # noqa: F403
from benchmarks.contenders.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_q"]
Q_CLUSTER = {
    "name": "peers",
    "orm": "default",
    "workers": AT_ONCE,
    # By default 60 and none, of which it warns: `retry` should be the longer of the two.
    "retry": LEASE_SECONDS,
    "timeout": LEASE_SECONDS - 5,
}
