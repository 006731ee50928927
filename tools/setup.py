"""`make setup`: install everything the project needs, on a machine that has Python, make and git.

Safe to run again, and quick when nothing changed. Any Python must be able to read this module,
`tools/__init__.py` and `tools/python_version.py`, so that an old one can say that it is too old:
no syntax newer than Python 3.6, and no other import from this package before the version check.
"""

import os
import shutil
import subprocess
import sys

from tools.python_version import OLDEST, TESTED


def newer_python(path: "str | None" = None) -> "str | None":
    """Return the first tested Python on `path` (default: PATH) that starts, or None.

    Finding the name is not enough: pyenv puts one there for versions that are not switched on.
    """
    for name in TESTED:
        found = shutil.which(name, path=path)
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return found
    return None


def leave_old_python(
    version: "tuple[int, ...]" = sys.version_info[:2], path: "str | None" = None
) -> None:
    """If `version` is too old, start again under a newer Python on `path`, or exit."""
    if version >= OLDEST:
        return
    newer = newer_python(path)
    if newer:
        os.execv(newer, [newer, "-m", "tools.setup"])
    sys.exit(
        "make setup: this is Python %d.%d, and 3.11 or later is needed. Install one, and name it:"
        " `make setup PYTHON=/path/to/python3.12`." % version
    )


if __name__ == "__main__":
    leave_old_python()
    from tools import installation

    sys.exit(installation.main())
