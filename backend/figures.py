"""Values of the contracts as people read them: amounts, days, times, rates, grades and named members.

Every text for users takes its figures from here; machines get the raw integers.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from backend.days import BEIJING_S, DAY_S, date_of, day_of
from backend.errors import HeqiError

SETTLEMENT_DECIMALS = 2
"""Of the settlement token (fen). A refusal carries amounts without their token, so the texts know this one."""
SHARE_DECIMALS = SETTLEMENT_DECIMALS + 6
"""The vault's shares are finer than its token by `Treasury._decimalsOffset`."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CALENDAR_CYCLE_YEARS, CALENDAR_CYCLE_DAYS = 400, 146_097
SEPARATORS = {"en": ", ", "zh": "、"}

Figure = Callable[[Any, str], str]
"""From a value and a language (`en` or `zh`) to its text."""


class UnitUnknown(HeqiError):
    notice_en = "The unit {unit} of {parameter} is not one of {known}."
    notice_zh = "{parameter} 的单位 {unit} 未知，应为 {known} 之一。"


def amount(value: int, decimals: int = SETTLEMENT_DECIMALS) -> str:
    """`888,412.50` of 88841250 smallest units; `value` is not negative."""
    whole, fraction = divmod(value, 10**decimals)
    return f"{whole:,}.{fraction:0{decimals}}"


def shares(value: int) -> str:
    return amount(value, SHARE_DECIMALS)


def percent(bps: int) -> str:
    """`4.35 %` of 435 basis points."""
    return f"{amount(bps, 2)} %"


def day(number: int) -> str:
    """`2026-11-22` of a Beijing day. Python's dates end in 9999, the contracts' do not: the calendar repeats itself."""
    cycles, rest = divmod(number, CALENDAR_CYCLE_DAYS)
    date = date_of(rest)
    return f"{date.year + cycles * CALENDAR_CYCLE_YEARS:04}-{date:%m-%d}"


def time(timestamp: int) -> str:
    """`2026-11-22 16:30 (UTC+8)` of seconds since the epoch, rounded down to the minute."""
    minutes = (timestamp + BEIJING_S) % DAY_S // 60
    return f"{day(day_of(timestamp))} {minutes // 60:02}:{minutes % 60:02} (UTC+8)"


def grade(number: int) -> str:
    """A is the best; the one after the last is what the policy refuses."""
    return LETTERS[number] if number < len(LETTERS) else str(number)


def member(value: int, names: Sequence[str]) -> str:
    """The name at `value`, or the number where there is none."""
    return names[value] if value < len(names) else str(value)


def bits(value: int, names: Sequence[str], separator: str) -> str:
    """The names of the bits set, the lowest first; what has no name stays a number."""
    named = [name for place, name in enumerate(names) if value >> place & 1]
    rest = value >> len(names) << len(names)
    return separator.join([*named, *([str(rest)] if rest or not named else [])])


BY_VALUE: Mapping[str, Callable[[Any], str]] = {
    "amount": amount,
    "shares": shares,
    "bps": percent,
    "day": day,
    "time": time,
    "grade": grade,
    "plain": str,
}
BY_MEMBER: Mapping[str, Callable[[int, Sequence[str], str], str]] = {
    "enum": lambda value, names, _: member(value, names),
    "bits": lambda value, names, language: bits(value, names, SEPARATORS[language]),
}


def figure(parameter: Mapping[str, Any]) -> Figure:
    """How a parameter with `unit`, and `members` where the unit has names, is shown. Raises UnitUnknown."""
    unit = parameter.get("unit", "")
    if unit in BY_VALUE:
        show = BY_VALUE[unit]
        return lambda value, _: show(value)
    if unit in BY_MEMBER:
        show_member, members = BY_MEMBER[unit], parameter["members"]
        names = {language: [known[language] for known in members] for language in SEPARATORS}
        return lambda value, language: show_member(value, names[language], language)
    raise UnitUnknown(unit=unit, parameter=parameter["name"], known=", ".join([*BY_VALUE, *BY_MEMBER]))
