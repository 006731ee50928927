"""Which code a process runs, so that one that was never restarted after an upgrade is noticed."""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT: Path = settings.BASE_DIR
PACKAGES = ("accounts", "census", "config", "scraper")


@cache
def code_version() -> str:
    """12 hex digits over the product's Python files, as they were when first asked.

    A process asks when it starts, so that an upgrade under its feet changes nothing: what it runs
    is what it has loaded.
    """
    digest = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not path.is_file():  # an editor's lock on a file is a link to nowhere
                continue
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
