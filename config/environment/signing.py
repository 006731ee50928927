"""SECRET_KEY: it signs sessions and queued tasks, and hashes the cédulas of deleted accounts."""

import hashlib
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.environment.declarations import Site

LEAST_LENGTH = 50
LEAST_SIGNS = 5
"""Both as `check --deploy` asks for them (security.W009)."""
PLACEHOLDER = "django-insecure-"
"""The beginning of the keys that `django-admin startproject` writes."""


def secret_key(base_dir: Path, *, debug: bool) -> str:
    """Return SECRET_KEY; where it is not set and `debug` is on, the same key at every start.

    Raises ImproperlyConfigured where `debug` is off and the key is not set, can be guessed, or is
    known to others. No message repeats it.
    """
    key = Site.SECRET_KEY.read()
    # The same at every start, so that sessions and queued tasks survive a restart; it protects
    # nothing on a server.
    development = hashlib.sha256(f"development only: {base_dir}".encode()).hexdigest()
    if debug:
        return key or development
    if not key:
        raise ImproperlyConfigured(
            "SECRET_KEY must be set, to a long random text, where DEBUG is off."
            " `make setup` writes one into .env for development."
        )
    if len(key) < LEAST_LENGTH or len(set(key)) < LEAST_SIGNS:
        raise ImproperlyConfigured(
            f"SECRET_KEY must be random and have at least {LEAST_LENGTH} characters where DEBUG is"
            " off; .env.example says how to make one."
        )
    if key == development or key.startswith(PLACEHOLDER):
        raise ImproperlyConfigured(
            "SECRET_KEY is a key for development, which others know: make another where DEBUG is"
            " off; .env.example says how."
        )
    return key
