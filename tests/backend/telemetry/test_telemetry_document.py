"""docs/telemetry.md says what the intake does."""

import re

from backend.config import SHARDS
from backend.telemetry import decoding, intake, record, runs, tending
from backend.telemetry.rules.ruleset import load
from scripts.telemetry_tables import DOCUMENT, MEANINGS, reasons, tables, written
from tests.backend.telemetry.machines import Device, registered
from tests.backend.telemetry.test_intake import HOUR, Taker

TEXT = DOCUMENT.read_text(encoding="utf-8")


def test_the_tables_are_fresh():
    assert written(TEXT) == TEXT
    assert all(table in TEXT for table in tables().values())


def test_no_key_is_described_that_nothing_has():
    keys = re.findall(r"^\| `([\w.]+)` \|", tables()["record"] + tables()["checkpoint"], re.MULTILINE)
    assert set(keys) == MEANINGS.keys()


def test_every_reason_says_so_in_both_languages():
    assert all({"notice_en", "notice_zh"} <= vars(kind).keys() for kind in reasons())


def test_the_limits_are_the_real_ones():
    ladder = load().rules["offline"].ladder
    stated = {
        "at most 2,048 bytes": decoding.MOST_BYTES == 2_048,
        "one of 16 shards": SHARDS == 16,
        "every 60 records or 300 seconds": (record.CHECKPOINT_RECORDS, record.CHECKPOINT_SECONDS) == (60, 300),
        "more than 300 s ahead": intake.MOST_AHEAD_S == 300,
        "and 600 more": intake.MOST_AT_ONCE == 600,
        "Of 64 gaps": runs.MOST_RUNS == 64,
        "for 90 days, the first": tending.QUARANTINE_S == 90 * 86_400,
        "for 90 days in full": tending.FULL_S == 90 * 86_400,
        "first 15 minutes": tending.GRACE_S == 15 * 60,
        "after 6, 24 and 72 hours": [next(iter(rung.any.values())) for rung in ladder] == [21_600, 86_400, 259_200],
    }
    assert [words for words, holds in stated.items() if not holds or words not in TEXT] == []


def test_the_worked_example_is_what_the_meters_do():
    first = Device(hours=1_000 * HOUR)
    taker = Taker(registered(first))
    lines = [("device 1 is bound", first.hours, first.hours)]

    def work(device: Device, hours: int, what: str) -> None:
        taker.take(*device.records(60 * hours))
        lines.append((what, device.hours, taker.seen.hours))

    work(first, 10, "ten hours of work")
    first.hours -= 5 * HOUR
    work(first, 2, "meter turned back by 5 h, two hours of work")
    work(first, 5, "five more hours of work")
    second = Device(epoch=2, hours=3 * HOUR, at=first.at + 3_600)
    taker.machine = registered(Device(hours=1_000 * HOUR), second)
    work(second, 1, "device 2 is bound at 3.00 h, one hour of work")
    for what, shown, metered in lines:
        assert f"| {what} | {shown / HOUR:,.2f} h | {metered / HOUR:,.2f} h |" in TEXT
