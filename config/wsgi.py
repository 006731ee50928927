"""The WSGI application that gunicorn serves."""

import logging
import os

from django.core.wsgi import get_wsgi_application

from accounts.logs import error_reports
from census.worker.code_version import code_version
from config import __version__
from config.pool import share_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Computed now and cached, not at the first request to /salud/: by then an upgrade may have changed
# the files, and an old worker beside this process would pass for a new one.
code_version()

application = get_wsgi_application()
share_connections()
error_reports.start(code_version())
logging.getLogger(__name__).info(
    "Censo al Día %s serves.",
    __version__,
    extra={"fields": {"version": __version__, "code": code_version()}},
)
