"""Named places at which a test may end the process as a power cut would.

`HEQI_CRASH_AT=name:count` ends it when `name` is reached for the count-th time; without the variable nothing happens.
"""

import os
from functools import cache
from itertools import count


def crash_point(name: str) -> None:
    wanted, turn, turns = _armed()
    if name == wanted and next(turns) == turn:
        os._exit(137)


@cache
def _armed() -> tuple[str, int, "count[int]"]:
    name, _, turn = os.environ.get("HEQI_CRASH_AT", "").partition(":")
    return name, int(turn or 1), count(1)
