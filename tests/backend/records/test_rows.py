"""One row: what is read, what is refused, and what a report repeats of it."""

import json

import pytest
from jsonschema import Draft202012Validator

from backend.records.business import rows, schema
from backend.records.business.rows import MASKED, shown
from backend.scoring.merchants.records import BusinessRecord, Kind

NOW = 1_800_000_000
SALE = {"kind": "sale", "id": "T-1", "occurred_at": "2026-11-01T09:30:00+08:00", "amount": "128.00"}
KINDS = {
    Kind.SALE: {"amount": "1"},
    Kind.REFUND: {"amount": "1"},
    Kind.STOCK: {"amount": "1"},
    Kind.RATING: {"stars": "5"},
    Kind.ARREARS: {"days": "0"},
    Kind.OPENING: {},
}


def read(**cells: object) -> rows.Row:
    return rows.read(5, SALE | cells, NOW, NOW)


def refusal(**cells: object) -> tuple[str, str]:
    """Column and rule of the only fault."""
    row = read(**cells)
    assert row.record is None
    (fault,) = row.faults
    assert fault.line == 5
    assert set(fault.as_dict()["notices"]) == {"en", "zh"}
    return fault.column, fault.rule


# What is read


def test_a_sale_is_read_to_fen_and_seconds():
    row = read(count="3", buyer="9f2c41d07ab65e38", currency="CNY")
    assert row.record == BusinessRecord("T-1", Kind.SALE, 1_793_496_600, NOW, 12_800, 3, "9f2c41d07ab65e38")
    assert (row.faults, row.local) == ([], False)


@pytest.mark.parametrize(
    ("text", "fen"),
    [("0.01", 1), ("128", 12_800), ("128.5", 12_850), ("007.10", 710), (" 1 ", 100), ("100000000", 10**10)],
)
def test_yuan_become_fen_without_rounding(text: str, fen: int):
    record = read(amount=text).record
    assert record is not None
    assert record.value == fen


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("2026-11-01T09:30:00+08:00", 1_793_496_600),
        ("2026-11-01 01:30:00Z", 1_793_496_600),
        ("2026-10-31T20:30:00-05:00", 1_793_496_600),
        ("2026-11-01T09:30+08:00", 1_793_496_600),
        ("2026-11-01T09:30:00.999999999+08:00", 1_793_496_600),
        ("2000-01-01T00:00:00+08:00", rows.EARLIEST),
        ("2028-02-29T12:00:00", 1_835_409_600),
    ],
)
def test_times_are_read_with_their_offset(text: str, second: int):
    record = rows.read(5, SALE | {"occurred_at": text}, NOW, 2_000_000_000).record
    assert record is not None
    assert record.occurred_at == second


def test_a_time_without_an_offset_is_beijing_time_and_is_told():
    row = read(occurred_at="2026-11-01 09:30:00")
    assert row.record == read().record
    assert row.local


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_needs_its_own_figure_and_no_other(kind: Kind):
    cells = {"kind": kind.value, "id": "1", "occurred_at": SALE["occurred_at"]}
    record = rows.read(1, cells | KINDS[kind], NOW, NOW).record
    assert record is not None
    assert record.kind is kind
    for column, text in {"amount": "1", "stars": "5", "days": "0", "buyer": "9f2c41d07ab65e38", "count": "2"}.items():
        with_it = rows.read(1, cells | KINDS[kind] | {column: text}, NOW, NOW)
        assert (with_it.record is not None) == (kind in schema.columns()[column].kinds)
    without = [(fault.column, fault.rule) for fault in rows.read(1, cells, NOW, NOW).faults]
    assert without == [(column, "missing") for column in KINDS[kind]]


def test_what_happens_within_the_skew_of_clocks_is_not_in_the_future():
    assert read(occurred_at="2027-01-15T16:05:00+08:00").record is not None
    assert refusal(occurred_at="2027-01-15T16:05:01+08:00") == ("occurred_at", "time_future")


# What is refused


@pytest.mark.parametrize(
    ("cells", "field", "rule"),
    [
        ({"kind": "gift"}, "kind", "kind_form"),
        ({"kind": "SALE"}, "kind", "kind_form"),
        ({"kind": ""}, "kind", "missing"),
        ({"id": ""}, "id", "missing"),
        ({"id": "x" * 65}, "id", "too_long"),
        ({"id": "=1+1"}, "id", "id_form"),
        ({"id": "单号1"}, "id", "id_form"),
        ({"amount": ""}, "amount", "missing"),
        ({"amount": "NaN"}, "amount", "amount_not_finite"),
        ({"amount": "Infinity"}, "amount", "amount_not_finite"),
        ({"amount": "-inf"}, "amount", "amount_not_finite"),
        ({"amount": "-5.00"}, "amount", "amount_negative"),
        ({"amount": "0"}, "amount", "amount_zero"),
        ({"amount": "0.00"}, "amount", "amount_zero"),
        ({"amount": "1.234"}, "amount", "amount_decimals"),
        ({"amount": "1e5"}, "amount", "amount_form"),
        ({"amount": "1,000.00"}, "amount", "amount_form"),
        ({"amount": "１２８"}, "amount", "amount_form"),
        ({"amount": "¥5"}, "amount", "amount_form"),
        ({"amount": "0x10"}, "amount", "amount_form"),
        ({"amount": "100000000.01"}, "amount", "amount_large"),
        ({"amount": "9" * 400}, "amount", "amount_large"),
        ({"currency": "USD"}, "currency", "currency_form"),
        ({"currency": "人民币"}, "currency", "currency_form"),
        ({"count": "0"}, "count", "count_form"),
        ({"count": "-1"}, "count", "count_form"),
        ({"count": "1.0"}, "count", "count_form"),
        ({"stars": "5"}, "stars", "not_for_kind"),
        ({"occurred_at": "2026-11-01"}, "occurred_at", "occurred_at_form"),
        ({"occurred_at": "2026-02-30T00:00:00Z"}, "occurred_at", "occurred_at_form"),
        ({"occurred_at": "2026-11-01T00:00:00+99:99"}, "occurred_at", "occurred_at_form"),
        ({"occurred_at": "1793496600"}, "occurred_at", "occurred_at_form"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", "time_early"),
        ({"occurred_at": "1999-12-31T23:59:59+08:00"}, "occurred_at", "time_early"),
        ({"occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at", "time_future"),
        ({"amount": True}, "amount", "not_text"),
        ({"amount": ("1",)}, "amount", "not_text"),
        ({"buyer_name": "x"}, "buyer_name", "column_unknown"),
    ],
)
def test_a_broken_rule_is_named_with_its_field(cells: dict, field: str, rule: str):
    assert refusal(**cells) == (field, rule)


@pytest.mark.parametrize(
    ("stars", "fits"), [("1", 1), ("5.00", 1), ("4.85", 1), ("0.9", 0), ("5.01", 0), ("6", 0), ("", 0)]
)
def test_stars_are_from_one_to_five(stars: str, fits: int):
    cells = {"kind": "rating", "id": "1", "occurred_at": SALE["occurred_at"], "stars": stars}
    assert bool(rows.read(1, cells, NOW, NOW).record) == bool(fits)


@pytest.mark.parametrize(
    ("buyer", "rule"),
    [
        ("13800138000", "buyer_phone"),
        ("+86 138-0013-8000", "buyer_phone"),
        ("8613800138000", "buyer_phone"),
        ("010-62781234", "buyer_phone"),
        ("zhang.san@example.com", "buyer_email"),
        ("zhangsan＠qq.com", "buyer_email"),
        ("11010519491231002X", "buyer_identity"),
        ("110105194912310021", "buyer_identity"),
        ("张三", "buyer_form"),
        ("short", "buyer_form"),
        ("-abcdefgh", "buyer_form"),
        ("x" * 65, "too_long"),
    ],
)
def test_a_buyer_that_could_be_a_person_is_refused_by_a_named_rule_and_not_repeated(buyer: str, rule: str):
    assert refusal(buyer=buyer) == ("buyer", rule)
    assert read(buyer=buyer).faults[0].value == MASKED


def test_every_fault_of_a_row_is_told():
    faults = read(id="", amount="-1", occurred_at="soon", count="x").faults
    assert [fault.column for fault in faults] == ["id", "occurred_at", "amount", "count"]


# What a report repeats


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("short", "short"),
        ("x" * 24, "x" * 24),
        ("x" * 25, "x" * 24 + "…"),
        ("a\x00b\x1bc\ud800", "a\ufffdb\ufffdc\ufffd"),
        ("call 13800138000", MASKED),
        ("a@b", MASKED),
        ("id 11010519491231002X", MASKED),
        ("", ""),
    ],
)
def test_a_value_is_shown_cut_printable_and_without_what_names_a_person(text: str, told: str):
    assert shown("id", text) == told


# The schema


def test_every_rule_has_a_sentence_in_both_languages():
    assert all(set(sentences) == {"en", "zh"} and all(sentences.values()) for sentences in schema.rules().values())
    assert all(column.en and column.zh for column in schema.columns().values())


@pytest.mark.parametrize("column", schema.columns().values(), ids=lambda column: column.name)
def test_the_example_of_every_column_is_valid(column: schema.Column):
    kind = next(kind for kind in Kind if kind in column.kinds)
    cells = SALE | {"kind": kind.value, "amount": ""} | KINDS[kind] | {column.name: column.example}
    assert rows.read(1, cells, NOW, NOW).record is not None


def test_the_published_schema_takes_what_is_taken_and_refuses_what_is_refused():
    validator = Draft202012Validator(schema.json_schema())
    Draft202012Validator.check_schema(json.loads(json.dumps(schema.json_schema())))
    assert validator.is_valid(SALE)
    for kind, figures in KINDS.items():
        assert validator.is_valid({"kind": kind.value, "id": "1", "occurred_at": SALE["occurred_at"]} | figures)
    for change in (
        {"kind": "gift"},
        {"amount": "-1"},
        {"stars": "5"},
        {"phone": "1"},
        {"currency": "USD"},
        {"buyer": "张三"},
    ):
        assert not validator.is_valid(SALE | change)
    assert not validator.is_valid({name: text for name, text in SALE.items() if name != "amount"})
