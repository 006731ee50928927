"""System checks of the site's address and static files, for `manage.py check --deploy`.

docs/operations.md lists every id.
"""

import filecmp
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.http.request import validate_host


@checks.register(checks.Tags.security, deploy=True)
def site(**_: Any) -> list[checks.CheckMessage]:
    """Warn where the links that people share do not lead to this site."""
    if not settings.SITE_URL:
        if not settings.TRUSTED_PROXIES:
            return []
        return [
            checks.Warning(
                "SITE_URL is not set, and a proxy stands in front (TRUSTED_PROXIES): set it, or the"
                " links that people share begin with whatever name a request came by.",
                id="censo.W014",
            )
        ]
    address = urlsplit(settings.SITE_URL)
    found: list[checks.CheckMessage] = []
    if address.scheme != "https" and settings.TRUSTED_PROXIES:
        found.append(
            checks.Warning(
                "SITE_URL begins with http, and the proxy in front ends TLS: begin it with https.",
                id="censo.W015",
            )
        )
    if not validate_host(address.hostname or "", settings.ALLOWED_HOSTS):
        found.append(
            checks.Warning(
                f"ALLOWED_HOSTS does not list {address.hostname}, the host of SITE_URL: whoever"
                " follows a link gets an error. Add it.",
                id="censo.W016",
            )
        )
    return found


@checks.register(checks.Tags.staticfiles, deploy=True)
def static_files(**_: Any) -> list[checks.CheckMessage]:
    """Return an error where pages would fail, or look as before the upgrade."""
    if settings.DEBUG:
        return []
    stale = list(_not_collected(Path(settings.STATIC_ROOT)))
    if not stale:
        return []
    return [
        checks.Error(
            f"The static files of this version are not collected ({len(stale)} are missing or"
            f" differ, among them {stale[0]}): run `manage.py collectstatic`.",
            id="censo.E002",
        )
    ]


def _not_collected(root: Path) -> Iterator[str]:
    """Yield the names of static files, libraries' included, that `root` lacks or has otherwise."""
    if not (root / "staticfiles.json").is_file():
        yield "staticfiles.json"
    for finder in get_finders():
        for name, storage in finder.list(None):
            collected = root / (getattr(storage, "prefix", None) or "") / name
            if not collected.is_file() or not _are_same(storage.path(name), collected):
                yield name


def _are_same(one: str, other: Path) -> bool:
    return filecmp.cmp(one, other, shallow=False)
