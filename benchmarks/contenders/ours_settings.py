"""The product's settings as on a server, with no browser and hardly any interval."""

from benchmarks.contenders.conditions import AT_ONCE
from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.contenders.ours_app.WithoutBrowser"]
# Set here because the environment's variable refuses so short an interval; no site is visited.
LOOKUP_INTERVAL_SECONDS = 0.001
LOOKUP_CONCURRENCY = AT_ONCE
