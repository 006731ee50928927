"""The door for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from accounts.logs import error_reports
from census.worker.code_version import code_version
from config.pool import share_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Now, and not when /salud/ is first asked: by then an upgrade may have changed the files, and the
# old worker beside this process would pass for a new one.
code_version()

application = get_wsgi_application()
share_connections()
error_reports.start(code_version())
