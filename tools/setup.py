"""`make setup`: everything the project needs, on a machine that has Python, make and git.

Safe to run again, and quick when nothing changed. This module must be readable for old Pythons,
so that they can say that they are too old: no syntax newer than Python 3.6, no import from this
package before the version is known.
"""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
TESTED = ("python3.13", "python3.12", "python3.11")


def newer_python(path: "str | None" = None) -> "str | None":
    """The first tested Python on `path` (default: PATH) that starts, or None.

    A name alone proves nothing: pyenv puts one there for versions that are not switched on.
    """
    for name in TESTED:
        found = shutil.which(name, path=path)
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return found
    return None


def leave_old_python(
    version: "tuple[int, ...]" = sys.version_info[:2], path: "str | None" = None
) -> None:
    """Go on under a newer Python where `path` has one, else end with a sentence."""
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
