"""Named places at which a test may end the process as a power cut would.

`HEQI_CRASH_AT=name:count` ends it when `name` is reached for the count-th time; without the variable nothing happens.
"""

import os

_NAME, _, _count = os.environ.get("HEQI_CRASH_AT", "").partition(":")
_left = int(_count or "1")


def crash_point(name: str) -> None:
    global _left  # noqa: PLW0603 - one counter per process is what is meant
    if name != _NAME:
        return
    _left -= 1
    if _left == 0:
        os._exit(137)
