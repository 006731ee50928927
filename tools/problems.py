"""Errors of `make setup`, each as one sentence that says what to do."""

import errno

DISK_FULL = "the disk is full: make room (about 1 GB), then run `make setup` again."


class SetupError(Exception):
    """The set-up cannot go on; the message is one sentence for whoever runs it."""


def sentence_for(problem: OSError) -> str:
    """Return the sentence for a failed system call."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{problem.filename or 'a file'} cannot be written: give yourself the right to,"
            " then run `make setup` again."
        )
    return f"{problem}. Mend that, then run `make setup` again."
