"""The product's settings as on a server, with a trivial page to compare others with."""

from config.settings import *  # noqa: F403
from config.settings import MIDDLEWARE, Q_CLUSTER

ROOT_URLCONF = "benchmarks.urls"
MIDDLEWARE = ["benchmarks.middleware.count_queries", *MIDDLEWARE]
Q_CLUSTER = {**Q_CLUSTER, "log_level": "WARNING"}  # a line for each task would hide the figures
