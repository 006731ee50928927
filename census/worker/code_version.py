"""The version of the code that a process runs: shows processes not restarted after an upgrade."""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings

PACKAGES = ("accounts", "census", "config", "scraper")


@cache
def code_version() -> str:
    """12 hex digits of a hash over the product's Python files, read at the first call.

    A process calls it when it starts, so that files changed by a later upgrade do not count: it
    runs the code that it has loaded.
    """
    root: Path = settings.BASE_DIR  # not at the import, when a web process has no settings yet
    digest = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if not path.is_file():  # an editor's lock on a file is a dangling link
                continue
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
