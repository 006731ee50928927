"""A clock that a test can set, for the product's processes: see jumping_clock.c.

Debian's libfaketime is no alternative: its sleep fails once the offset has changed.
"""

import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("jumping_clock.c")

COMPILER = shutil.which("cc") or shutil.which("gcc")
"""The C compiler for the library; None if there is none."""


class JumpingClock:
    """The host's clock until it is `set`. A stack uses it if its environment has `environment`."""

    def __init__(self, folder: Path) -> None:
        assert COMPILER is not None
        library = folder / "jumping_clock.so"
        flags = ("-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC")
        libraries = ("-ldl", "-lm")
        subprocess.run([COMPILER, *flags, "-o", library, SOURCE, *libraries], check=True)
        self._offset = folder / "jumping_clock.offset"
        self._offset.write_bytes(struct.pack("d", 0.0))
        self.environment = {"LD_PRELOAD": str(library), "JUMPING_CLOCK": str(self._offset)}

    def set(self, seconds: float) -> None:
        """Make the clock differ from the host's by so many seconds from now on."""
        with self._offset.open("r+b") as file:
            file.write(struct.pack("d", seconds))
