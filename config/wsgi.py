"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from accounts import error_reports
from census.code_version import code_version
from config.pool import share_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Computed now and cached, not at the first request to /salud/: by then an upgrade may have changed
# the files, and an old worker beside this process would pass for a new one.
code_version()

application = get_wsgi_application()
share_connections()
error_reports.start(code_version())
