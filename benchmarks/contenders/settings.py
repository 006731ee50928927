"""Settings that the peers share: the product's options for SQLite, and nothing else of it."""

import os
from pathlib import Path
from typing import Any

from config.environment import database

SECRET_KEY = os.environ["SECRET_KEY"]
INSTALLED_APPS = ["django.contrib.contenttypes"]
# Write-ahead log, IMMEDIATE transactions, connections that stay open: as in the product.
DATABASES: dict[str, Any] = {"default": database.from_environment(Path(os.devnull))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "America/Bogota"
