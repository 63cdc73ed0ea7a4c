"""Calendar days as the contracts count them: since 1970-01-01, in Beijing time (UTC+8, no daylight saving)."""

import datetime

BEIJING_S = 8 * 3600
DAY_S = 86_400
FIRST = datetime.date(1970, 1, 1)


def day_of(timestamp: int) -> int:
    """The Beijing day of a second since the epoch."""
    return (timestamp + BEIJING_S) // DAY_S


def start_of(day: int) -> int:
    """The second at which the Beijing day begins."""
    return day * DAY_S - BEIJING_S


def date_of(day: int) -> datetime.date:
    return FIRST + datetime.timedelta(days=day)


def number_of(date: datetime.date) -> int:
    return (date - FIRST).days
