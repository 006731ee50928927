"""The product's settings as on a server, without a browser and next to without an interval."""

from benchmarks.contenders.conditions import AT_ONCE
from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.contenders.ours_app.WithoutBrowser"]
# The environment does not take so little: no site is to be visited so often. Here none is visited.
LOOKUP_INTERVAL_SECONDS = 0.001
LOOKUP_CONCURRENCY = AT_ONCE
