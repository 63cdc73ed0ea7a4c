"""What time it is for the backend.

The machine's clock, but on a local chain that was moved ahead of it: there time passes at the chain's pace, so that a
story of weeks plays in minutes and every process lives in the same day.
"""

import time
from collections.abc import Callable

from backend.chain.rpc import Rpc
from backend.config import Settings

Clock = Callable[[], int]

LOOK_AGAIN_S = 0.05


def wall() -> int:
    """Seconds since 1970 by the machine's clock."""
    return int(time.time())


def of(settings: Settings, rpc: Rpc) -> Clock:
    """Seconds since 1970, as the backend on this chain should have them."""
    return ChainClock(rpc) if settings.on_local_chain else wall


class ChainClock:
    """The machine's clock, moved ahead as far as the chain is. It asks the chain at most twenty times a second."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._ahead = 0
        self._looked_at = float("-inf")

    def __call__(self) -> int:
        if time.monotonic() - self._looked_at >= LOOK_AGAIN_S:
            # The block that comes next: the newest there is grows old while nobody sends anything.
            pending = self._rpc.call("eth_getBlockByNumber", "pending", False)
            self._ahead = max(0, int(pending["timestamp"], 16) - wall())
            self._looked_at = time.monotonic()
        return wall() + self._ahead
