"""Errors of an output: a full disk, a closed output. The work of a command goes on, and its exit status tells it."""

import errno

ERRNOS = (errno.ENOSPC, errno.EBADF, errno.EIO, errno.EFBIG, errno.EDQUOT)


def is_output_error(error: OSError) -> bool:
    """Return whether an error is one of writing. That the reader has gone is told in another way."""
    return isinstance(error, BrokenPipeError) or error.errno in ERRNOS
