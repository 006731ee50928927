"""`make reset`: delete the demo's database and make a new one with the demo's people."""

import os
import sys
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from config.environment.setting import DEBUG
from config.run import demo

SIMULATOR = "http://127.0.0.1:8800"
"""Where `make run` starts it by default. Nothing here asks it anything."""


class NotReset(Exception):
    """Nothing was deleted; the message is one sentence."""


def main(folder: Path = demo.DATABASE.parent) -> int:
    """Renew the database, which must lie in `folder`, and return the exit code."""
    os.chdir(demo.BASE_DIR)
    environ.Env.read_env(demo.BASE_DIR / ".env")
    try:
        os.environ |= demo.environment(os.environ, SIMULATOR)
        file = _database_to_delete(folder)
        with demo.database_for_deletion(file):
            for part in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
                part.unlink(missing_ok=True)
            demo.prepare(os.environ)
    except demo.DatabaseInUse:
        return _fail("`make run` is running on this database: stop it first.")
    except (ImproperlyConfigured, NotReset) as problem:
        return _fail(str(problem))
    except demo.PreparationFailed:
        return 1
    return 0


def _database_to_delete(folder: Path) -> Path:
    """Return the demo's database file. Raises NotReset for any other database."""
    if not DEBUG.read():
        raise NotReset("DEBUG is off here: only a demo's database is deleted.")
    file = demo.database_file()
    if file is None or file.parent != folder:
        raise NotReset(
            f"DATABASE_URL names a database that is not in {folder}: only one in there is deleted."
        )
    return file


def _fail(sentence: str) -> int:
    print(f"make reset: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
