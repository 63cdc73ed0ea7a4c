"""The chain's calendar: days count from 1970-01-01 in Beijing (UTC+8)."""

from ape import chain

DAY = 86_400
HOUR = 3_600
BEIJING = 8 * HOUR


def now() -> int:
    """Second of the last block."""
    return chain.blocks.head.timestamp


def day_of(timestamp: int) -> int:
    return (timestamp + BEIJING) // DAY


def today() -> int:
    """Beijing day of the last block."""
    return day_of(now())


def midnight(day: int) -> int:
    """First second of a Beijing day."""
    return day * DAY - BEIJING


def next_block_at(timestamp: int) -> None:
    """The next transaction's block has exactly this second."""
    chain.provider.set_timestamp(timestamp)


def travel_to(timestamp: int) -> None:
    """Mine a block at this second; time goes on from there."""
    next_block_at(timestamp)
    chain.mine()


def travel(seconds: int) -> None:
    travel_to(now() + seconds)


def travel_to_day(day: int, hour: int = 12) -> None:
    """Go to an hour of a Beijing day that is not over."""
    travel_to(midnight(day) + hour * HOUR)


def pass_days(days: int) -> None:
    """The same hour, `days` later."""
    travel(days * DAY)
