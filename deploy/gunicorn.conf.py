"""gunicorn's settings on a server: `gunicorn --config deploy/gunicorn.conf.py config.wsgi`.

Options on the command line win; so do those in GUNICORN_CMD_ARGS.
"""

import os
from pathlib import Path
from runpy import run_path

# How it logs is the same wherever it is started: the file that gunicorn reads by itself says it.
_everywhere = run_path(str(Path(__file__).resolve().parent.parent / "gunicorn.conf.py"))
logger_class = _everywhere["logger_class"]
loglevel = _everywhere["loglevel"]
accesslog = _everywhere["accesslog"]
post_fork = _everywhere["post_fork"]

# Nothing but the proxy may reach it: whoever can, may say of themselves what TRUSTED_PROXIES
# believes. In a container, `--bind 0.0.0.0:8000` on a network of the proxy's own.
bind = "127.0.0.1:8000"

# Processes, some 60 MiB each: two use two cores. A page takes milliseconds; lookups are elsewhere.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# In each. On PostgreSQL they share DATABASE_POOL_SIZE (10) connections, so no more than that.
threads = 4

# A process that says nothing for so long is killed. Its threads may take longer: an export of
# 50,000 rows takes 6 s, and a writer waits up to 20 s for SQLite's lock.
timeout = 60
# What a stop gives requests to end; systemd and compose wait longer than that.
graceful_timeout = 25
# Above the proxy's, which would otherwise send requests into connections that end just then.
keepalive = 75

# Whatever leaks leaks no further: a process is replaced after so many requests, not all at once.
max_requests = 20_000
max_requests_jitter = 2_000

# Whose X-Forwarded-Proto gunicorn itself believes. Django asks TRUSTED_PROXIES instead.
forwarded_allow_ips = "127.0.0.1,::1"

# Not before the fork: each process makes its own pool, and a SIGHUP loads the new code.
preload_app = False
# A process shows its parent that it lives by touching a file: in memory, or a slow disk kills it.
worker_tmp_dir = "/dev/shm"
# The socket for gunicorn's own console lies in a home that a service does not have.
control_socket_disable = True
proc_name = "censo-web"
