"""One row, as text, to a record, or to what is wrong with it. Pure: no I/O, no clock."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from backend.days import BEIJING_S
from backend.records.business.schema import Column, columns, notices
from backend.scoring.merchants.records import BusinessRecord, Kind

MOST_AMOUNT = 10_000_000_000
"""Of one row, fen: 100 million yuan. A shop's largest single order is far below; a missing decimal point is not."""
MOST_DAYS = 36_500
MOST_COUNT = 9_999_999
EARLIEST = 946_656_000
"""2000-01-01 in Beijing, seconds."""
SKEW_S = 300
"""Clocks of platforms may be ahead by so much."""
SHOWN = 24
KIND_VALUES = {"known": ", ".join(Kind), "kind": "kind"}
MASKED = "•••"
BEIJING = timezone(timedelta(seconds=BEIJING_S))

NEGATIVE = re.compile(r"-[0-9]+([.][0-9]+)?")
FINE = re.compile(r"[0-9]+[.][0-9]{3,}")
OFFSET = re.compile(r"(Z|[+-][0-9]{2}:[0-9]{2})$")
NOT_FINITE = re.compile(r"[+-]?(nan|inf(inity)?)", re.IGNORECASE)
IDENTITY_CARD = re.compile(r"[0-9]{17}[0-9Xx]")
# A mainland mobile number however it is set apart, or digits and separators of the length of any telephone number.
PHONE = re.compile(r"(\+|00)?(86)?[- ]?1[3-9][0-9]([- ]?[0-9]{4}){2}|[+(]?[0-9][0-9() -]{5,13}[0-9]")
PERSONAL = re.compile(r"@|＠|(?<![0-9])1[3-9][0-9]{9}(?![0-9])|(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")


@dataclass(frozen=True)
class Fault:
    """What is wrong in a line. `column` is empty when it concerns the whole line, `value` is what stood there, cut."""

    line: int
    rule: str
    column: str = ""
    value: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        shown = {"line": self.line, "field": self.column, "value": self.value, "rule": self.rule}
        return shown | {"notices": notices(self.rule, self.values)}


@dataclass(frozen=True)
class Row:
    """A row that was read: the record, or the faults of which it has none. `local`: its time had no offset."""

    record: BusinessRecord | None
    faults: list[Fault]
    local: bool = False


class Broken(Exception):
    """A text breaks a rule."""

    def __init__(self, rule: str, **values: Any) -> None:
        super().__init__(rule)
        self.rule, self.values = rule, values


def read(line: int, cells: Mapping[str, Any], received_at: int, now: int) -> Row:
    """The record in the cells of a row. `now`: what happens later than a few minutes after it is in the future."""
    texts, faults = _texts(line, cells)
    kind = next((kind for kind in Kind if kind == texts.get("kind")), None)
    if kind is None:
        return Row(None, [*faults, *_kind_faults(line, texts)])
    found: dict[str, Any] = {}
    for name, text in texts.items():
        try:
            found[name] = _value(columns()[name], kind, text, now)
        except Broken as broken:
            faults.append(Fault(line, broken.rule, name, shown(name, text), broken.values))
    if faults:
        return Row(None, faults)
    value = next((found[name] for name in ("amount", "stars", "days") if found[name] is not None), 0)
    count, buyer = found["count"] or 1, found["buyer"] or ""
    record = BusinessRecord(found["id"], kind, found["occurred_at"], received_at, value, count, buyer)
    return Row(record, [], local=not OFFSET.search(texts["occurred_at"]))


def _kind_faults(line: int, texts: Mapping[str, str]) -> list[Fault]:
    """Without a kind nothing else can be judged."""
    if "kind" not in texts:
        return []
    text = texts["kind"]
    return [Fault(line, "kind_form" if text else "missing", "kind", shown("kind", text), KIND_VALUES)]


def shown(name: str, text: str) -> str:
    """A text as a report repeats it: cut, printable, and never what may name a person."""
    if text and (name == "buyer" or PERSONAL.search(text)):
        return MASKED
    printable = "".join(char if char.isprintable() else "\ufffd" for char in text[: SHOWN + 1])
    return printable if len(text) <= SHOWN else printable[:SHOWN] + "…"


def _texts(line: int, cells: Mapping[str, Any]) -> tuple[dict[str, str], list[Fault]]:
    """Every column's text; cells of other columns and values that are no text are faults."""
    unknown = [name for name in cells if name not in columns()]
    faults = [Fault(line, "column_unknown", shown("", name)) for name in unknown[:1]]
    texts = {}
    for name in columns():
        value = cells.get(name)
        if value is None or isinstance(value, str):
            texts[name] = (value or "").strip()
        else:
            faults.append(Fault(line, "not_text", name))
    return texts, faults


def _value(column: Column, kind: Kind, text: str, now: int) -> Any:
    """What the text means, None when it is empty. Raises Broken."""
    if not text:
        if kind in column.needed:
            raise Broken("missing", kind=kind.value)
        return None
    if kind not in column.kinds:
        raise Broken("not_for_kind", kind=kind.value)
    if column.name == "occurred_at":
        return _time(column, text, now)
    return READERS[column.name](column, kind, text)


def _time(column: Column, text: str, now: int) -> int:
    """Seconds since the epoch, rounded down."""
    _require_form(column, text)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise Broken("occurred_at_form") from None
    second = int((time if time.tzinfo else time.replace(tzinfo=BEIJING)).timestamp() // 1)
    if second < EARLIEST:
        raise Broken("time_early")
    if second > now + SKEW_S:
        raise Broken("time_future")
    return second


def _amount(column: Column, kind: Kind, text: str) -> int:
    """Fen."""
    if NOT_FINITE.fullmatch(text):
        raise Broken("amount_not_finite")
    if NEGATIVE.fullmatch(text):
        raise Broken("amount_negative")
    if FINE.fullmatch(text):
        raise Broken("amount_decimals")
    if len(text) > column.longest and text.isdigit():
        raise Broken("amount_large", most=MOST_AMOUNT // 100)
    fen = _hundredths(column, text)
    if fen > MOST_AMOUNT:
        raise Broken("amount_large", most=MOST_AMOUNT // 100)
    if fen == 0 and kind is not Kind.STOCK:
        raise Broken("amount_zero", kind=kind.value)
    return fen


def _stars(column: Column, _: Kind, text: str) -> int:
    """Hundredths of a star."""
    stars = _hundredths(column, text)
    if stars > 500:
        raise Broken("stars_form")
    return stars


def _hundredths(column: Column, text: str) -> int:
    _require_form(column, text)
    whole, _, fraction = text.partition(".")
    return int(whole) * 100 + int(fraction.ljust(2, "0"))


def _days(column: Column, _: Kind, text: str) -> int:
    _require_form(column, text, most=MOST_DAYS)
    if int(text) > MOST_DAYS:
        raise Broken("days_form", most=MOST_DAYS)
    return int(text)


def _count(column: Column, _: Kind, text: str) -> int:
    _require_form(column, text, most=MOST_COUNT)
    return int(text)


def _buyer(column: Column, _: Kind, text: str) -> str:
    if "@" in text or "＠" in text:
        raise Broken("buyer_email")
    if IDENTITY_CARD.fullmatch(text):
        raise Broken("buyer_identity")
    if PHONE.fullmatch(text):
        raise Broken("buyer_phone")
    return _text(column, Kind.SALE, text)


def _text(column: Column, _: Kind, text: str) -> str:
    if len(text) > column.longest:
        raise Broken("too_long", most=column.longest)
    _require_form(column, text)
    return text


def _require_form(column: Column, text: str, **values: Any) -> None:
    if len(text) > column.longest or not column.form.fullmatch(text):
        raise Broken(f"{column.name}_form", **values)


READERS: Mapping[str, Callable[[Column, Kind, str], Any]] = {
    "kind": _text,
    "id": _text,
    "amount": _amount,
    "stars": _stars,
    "days": _days,
    "currency": _text,
    "count": _count,
    "buyer": _buyer,
}
