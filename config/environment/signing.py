"""The key that signs sessions and queued tasks, and that hashes who deleted their account."""

import hashlib
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.environment import env

LEAST_LENGTH = 50
LEAST_SIGNS = 5
"""Both as `check --deploy` asks for them (security.W009)."""
PLACEHOLDER = "django-insecure-"
"""How the keys begin that `django-admin startproject` writes."""


def secret_key(base_dir: Path, *, debug: bool) -> str:
    """SECRET_KEY; where it is missing and `debug` is on, one that is the same at every start.

    Raises ImproperlyConfigured where `debug` is off and it is missing, or is a key that could be
    guessed or is known. No message repeats it.
    """
    key = env.secret("SECRET_KEY")
    # Stable over restarts, so that sessions and queued tasks survive them; worthless elsewhere.
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
