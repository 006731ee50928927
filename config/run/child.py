"""`python -m config.run.child PARENT_PID COMMAND …`: a command that does not outlive its parent.

A wrapper that becomes the command, rather than code between fork and exec: that would run in a
copy of the parent's interpreter, where a lock may be held by a thread that does not exist there.
"""

import os
import signal
import sys
from typing import NoReturn

from census.parent_death import end_with_parent


def main(parent_pid: str, *command: str) -> NoReturn:
    end_with_parent(int(parent_pid), signal.SIGTERM)
    try:
        os.execvp(command[0], command)
    except OSError as problem:
        sys.exit(f"{command[0]} cannot be started: {problem.strerror}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
