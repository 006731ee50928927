"""`python -m config.run.child PARENT_PID COMMAND …`: a command that does not outlive its parent.

This wrapper execs the command. Code between fork and exec instead would run in a copy of the
parent's interpreter, where a thread that does not exist in the copy may hold a lock.
"""

import os
import signal
import sys
from typing import NoReturn

from census.worker.parent_death import end_with_parent


def main(parent_pid: str, *command: str) -> NoReturn:
    end_with_parent(int(parent_pid), signal.SIGTERM)
    try:
        os.execvp(command[0], command)
    except OSError as problem:
        sys.exit(f"{command[0]} cannot be started: {problem.strerror}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
