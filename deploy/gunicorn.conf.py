"""gunicorn's settings on a server: `gunicorn --config deploy/gunicorn.conf.py config.wsgi`.

Options on the command line win; so do those in GUNICORN_CMD_ARGS.
"""

import os
from pathlib import Path
from runpy import run_path

# The log is the same wherever gunicorn is started: it comes from the file that it reads by itself.
_everywhere = run_path(str(Path(__file__).resolve().parent.parent / "gunicorn.conf.py"))
logger_class = _everywhere["logger_class"]
loglevel = _everywhere["loglevel"]
accesslog = _everywhere["accesslog"]
post_fork = _everywhere["post_fork"]

# Only the proxy may reach this port: anybody else who does could forge the headers that
# TRUSTED_PROXIES believes. In a container, `--bind 0.0.0.0:8000` on the proxy's own network.
bind = "127.0.0.1:8000"

# Processes, some 60 MiB each: two use two cores. A page takes milliseconds; lookups are made by
# the workers.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# In each process. On PostgreSQL they share DATABASE_POOL_SIZE (10) connections, so no more than
# that.
threads = 4

# A process that gives no sign of life for so long is killed. Its threads may take longer: an export
# of 50,000 rows takes 6 s, and a writer waits up to 20 s for SQLite's lock.
timeout = 60
# How long requests may take to end at a stop; systemd and compose wait longer than that.
graceful_timeout = 25
# Longer than the proxy's, which would otherwise send requests into connections that just end.
keepalive = 75

# Bounds any leak: a process is replaced after so many requests, not all at the same time.
max_requests = 20_000
max_requests_jitter = 2_000

# Whose X-Forwarded-Proto gunicorn itself believes. Django asks TRUSTED_PROXIES instead.
forwarded_allow_ips = "127.0.0.1,::1"

# The code is loaded after the fork: each process makes its own pool, and SIGHUP loads new code.
preload_app = False
# A process shows its parent that it lives by touching a file. It is in memory, because a slow disk
# would get the process killed.
worker_tmp_dir = "/dev/shm"
# The socket for gunicorn's own console would lie in a home directory, which a service lacks.
control_socket_disable = True
proc_name = "censo-web"
