"""Topics of the broker: `heqi/1/p<party of the lessor>/s<machine % 16>/m<machine>/<kind>`.

All messages of a machine are in one shard, so that one consumer sees them in their order.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from backend.config import SHARDS
from backend.telemetry.errors import TopicForeign

MOST_SHOWN = 80
PATTERN = re.compile(r"heqi/1/p([1-9]\d{0,9})/s(\d\d)/m([1-9]\d{0,9})/(record|backlog|checkpoint)", re.ASCII)


class Kind(StrEnum):
    """`BACKLOG`: records that the device kept while it had no connection. `COMMAND` goes to the device."""

    RECORD = "record"
    BACKLOG = "backlog"
    CHECKPOINT = "checkpoint"
    COMMAND = "command"


class Topic(NamedTuple):
    """Of a message from a device; `tenant` is a party."""

    tenant: int
    machine: int
    kind: Kind


def topic(tenant: int, machine: int, kind: Kind) -> str:
    return f"heqi/1/p{tenant}/s{machine % SHARDS:02d}/m{machine}/{kind}"


@lru_cache(maxsize=1 << 17)
def parse(text: str) -> Topic:
    """The topic of a message from a device. Raises TopicForeign."""
    found = PATTERN.fullmatch(text)
    if not found or int(found[2]) != int(found[3]) % SHARDS:
        raise TopicForeign(topic=text[:MOST_SHOWN])
    return Topic(int(found[1]), int(found[3]), Kind(found[4]))
