"""What can go wrong in a set-up, as sentences that say what to do."""

import errno

DISK_FULL = "the disk is full: make room (about 1 GB), then run `make setup` again."


class SetupError(Exception):
    """The set-up cannot go on; the message is one sentence for the person at the keyboard."""


def sentence_for(problem: OSError) -> str:
    """What a failed system call means for whoever runs the set-up."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{problem.filename or 'a file'} cannot be written: give yourself the right to,"
            " then run `make setup` again."
        )
    return f"{problem}. Mend that, then run `make setup` again."
