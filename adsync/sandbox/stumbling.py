"""A fault of the sandbox's own: whoever called is answered all the same, and stderr says where it happened."""

from __future__ import annotations

import traceback

_LONGEST_WORDS = 500
"""Words travel in trailers over gRPC, where a client takes 8 KB before it drops them and the status with them."""


def stumbled(error: Exception) -> str:
    """The words of the answer. Prints the traceback: without it nobody could mend what was wrong."""
    traceback.print_exception(error)
    return f"The sandbox stumbled over this: {type(error).__name__}: {error}"[:_LONGEST_WORDS]
