"""How much work something is: counted, because a clock also tells what else the machine does."""

import gc
import sys
from collections.abc import Callable


def work(function: Callable[[str], object], text: str) -> int:
    """Return how many lines of Python `function` executes for `text`."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    gc.disable()  # what is finalised is the garbage of others, and its lines would count
    sys.settrace(trace)
    try:
        function(text)
    finally:
        sys.settrace(before)
        gc.enable()
    return count
