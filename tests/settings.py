"""The product's settings in an environment of the tests' own.

What a developer has in the environment or in .env must not change what a test sees, so every
variable that the settings read is set here. CHROMIUM_PATH alone stays: it is a fact about the
machine. Processes that tests start get this environment too.
"""

import os
import tempfile
from pathlib import Path

from config.environment.declarations import SETTINGS, Machine

NEUTRAL = {
    variable
    for setting in SETTINGS
    if setting is not Machine.CHROMIUM_PATH
    for variable in setting.variables
}
"""An empty variable counts as not set, and keeps .env from setting it."""

GIVEN = dict.fromkeys(NEUTRAL, "") | {
    "DEBUG": "true",
    "SECRET_KEY": "for tests only, and the same in every process that a test starts",
    # TEST_DATABASE_URL runs them on PostgreSQL; Django makes a database of its own there.
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", "sqlite:///:memory:"),
}
os.environ.update(GIVEN)

from config.settings import *  # noqa: E402, F403  once the environment is as it should be

# Of this run alone: others on this machine test too.
_name = f"censo-test-{os.getpid()}"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # A file, as in production: several connections to one in memory lock each other's tables.
    _name = str(Path(tempfile.gettempdir()) / f"{_name}.sqlite3")
DATABASES["default"]["TEST"] = {"NAME": _name}  # noqa: F405

# Files are looked for when they are asked for: else every test's client reads the names of all of
# them first, hundreds where they have been collected.
WHITENOISE_AUTOREFRESH = True
