"""Files of rows: encodings, forms, refusals, and that nothing is ever kept in part."""

import csv
import io
import json
import tracemalloc
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from backend import store
from backend.records.business import files, kept, schema, uploads
from backend.records.business.files import UploadTooLarge, spooled
from backend.records.business.uploads import Accept, Delivery, Outcome, RecordsTooMany, Taken
from backend.scoring.merchants.records import Kind

MERCHANT = 7
NOW = 1_800_000_000
HEADER = "kind,id,occurred_at,amount,stars,days,currency,count,buyer"
GOOD = [f"sale,T-{n},2026-11-01T09:30:{n:02}+08:00,128.00,,,CNY,1,9f2c41d07ab65e38" for n in range(5)]


def text(*lines: str) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


def take(
    engine: Engine, data: bytes | str, form: str = "csv", accept: Accept = Accept.WHOLE, platform: str = "own", **how
) -> Taken:
    whole = data.encode() if isinstance(data, str) else data
    with spooled(io.BytesIO(whole), files.MOST_BYTES) as file:
        delivery = Delivery(file, MERCHANT, platform, "0xwallet", form, accept, NOW, NOW)
        if how.get("dry"):
            return uploads.check(engine, delivery, lambda *_: None)
        return uploads.take(engine, delivery, how.get("admit", lambda _: None), how.get("progress", lambda *_: None))


def ids(engine: Engine) -> list[str]:
    with store.reading(engine) as tx:
        return [record.id.removeprefix("own/") for record in kept.known(tx, MERCHANT, NOW)]


def rules(taken: Taken) -> list[tuple[int, str]]:
    told = taken.report.as_dict()
    return [(fault["line"], fault["rule"]) for fault in told["faults"]]


# Forms


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_case_44_a_file_of_any_usual_encoding_is_read(engine: Engine, encoding: str, newline: str):
    # The column of a blank heading holds what GBK and UTF-8 write differently, in a row that is refused for it.
    data = text(*GOOD, "销售,1,2026-11-01T09:30:00Z,5,,,,,").replace("\n", newline).encode(encoding)
    taken = take(engine, data, accept=Accept.VALID)
    assert (taken.outcome, taken.report.kept.stored, rules(taken)) == (Outcome.KEPT, 5, [(7, "kind_form")])
    assert taken.report.faults[0].value == "销售"


@pytest.mark.parametrize(
    "data",
    [
        text(*GOOD).encode("utf-16-le"),
        text(*GOOD).encode("utf-32"),
        b"\xff\xfe\x00",
        b"kind,id\n\xff\xff\xff",
        b"\x00" * 9,
    ],
    ids=["utf-16 without mark", "utf-32", "half a character", "no text", "zeros"],
)
def test_case_44_a_file_of_another_encoding_is_refused_with_advice(engine: Engine, data: bytes):
    taken = take(engine, data)
    assert (taken.outcome, rules(taken)) == (Outcome.REFUSED, [(1, "file_encoding")])


def test_json_and_csv_of_the_same_rows_are_one_and_the_same(engine: Engine):
    assert take(engine, text(*GOOD)).report.kept.stored == 5
    elements = list(csv.DictReader(io.StringIO(text(*GOOD))))
    again = take(engine, json.dumps(elements), "json")
    assert (again.outcome, again.report.kept.duplicates, again.report.kept.stored) == (Outcome.KEPT, 5, 0)


def test_json_numbers_count_as_they_are_written(engine: Engine):
    row = '[{"kind":"sale","id":17,"occurred_at":"2026-11-01T09:30:00Z","amount":0.1,"count":2,"buyer":null}]'
    assert take(engine, row, "json").outcome is Outcome.KEPT
    with store.reading(engine) as tx:
        (record,) = kept.known(tx, MERCHANT, NOW)
    assert (record.id, record.value, record.count, record.buyer) == ("own/17", 10, 2, "")


def test_blank_lines_blank_columns_and_quotes_as_spreadsheets_write_them_do_no_harm(engine: Engine):
    data = 'kind,id,occurred_at,amount,,\n"sale","1","2026-11-01 09:30:00","5.00",,\n,,,,,\n\n'
    taken = take(engine, data)
    assert (taken.outcome, taken.report.rows, ids(engine)) == (Outcome.KEPT, 1, ["1"])


@pytest.mark.parametrize(
    ("data", "line", "rule"),
    [
        ("", 1, "file_empty"),
        ("\n\n", 1, "file_empty"),
        (HEADER, 1, "file_empty"),
        ("kind;id;occurred_at;amount\n", 1, "csv_header"),
        (HEADER + ",phone\n", 1, "csv_header"),
        (HEADER + ",kind\n", 1, "csv_header_twice"),
        ("kind,id,amount\n", 1, "csv_header_missing"),
        (text(GOOD[0], '"open,1'), 3, "csv_quotes"),
        (text(GOOD[0], 'sale,"a"b,c'), 3, "csv_quotes"),
        (text(GOOD[0], "x" * 5_000), 3, "csv_line_long"),
    ],
)
def test_a_malformed_csv_file_is_refused_whole_with_line_and_rule(engine: Engine, data: str, line: int, rule: str):
    taken = take(engine, data, accept=Accept.VALID)
    assert (taken.outcome, rules(taken)) == (Outcome.REFUSED, [(line, rule)])
    assert ids(engine) == []


@pytest.mark.parametrize(
    ("data", "place", "rule"),
    [
        ("", 1, "json_form"),
        ("[]", 1, "file_empty"),
        ("{}", 1, "json_form"),
        ("[{}", 2, "json_form"),
        ("[{}]]", 2, "json_form"),
        ("[{} {}]", 2, "json_form"),
        ("[{},]", 2, "json_form"),
        ("[" * 20_000, 1, "json_form"),
        ('[{"kind":' + "[" * 3_000, 1, "json_form"),
        ('[{"kind": "' + "x" * 9_000 + '"}]', 1, "json_form"),
        ("[nul]", 1, "json_form"),
    ],
    ids=range(11),
)
def test_a_malformed_json_file_is_refused_whole_with_place_and_rule(engine: Engine, data: str, place: int, rule: str):
    taken = take(engine, data, "json", Accept.VALID)
    assert (taken.outcome, rules(taken)[0]) == (Outcome.REFUSED, (place, rule))
    assert ids(engine) == []


@pytest.mark.parametrize(
    ("element", "rule"),
    [
        ("5", "row_form"),
        ("[]", "row_form"),
        ("null", "row_form"),
        ('"x"', "row_form"),
        ('{"kind": "sale", "kind": "sale"}', "column_twice"),
        ('{"kind": {"a": 1}}', "not_text"),
        ('{"kind": true}', "not_text"),
        ('{"kind":"sale","id":"1","occurred_at":"2026-11-01T09:30:00Z","amount":NaN}', "amount_not_finite"),
        ('{"kind":"sale","id":"1","occurred_at":"2026-11-01T09:30:00Z","amount":-Infinity}', "amount_not_finite"),
        ('{"kind":"sale","id":"1","occurred_at":"2026-11-01T09:30:00Z","amount":1e999}', "amount_form"),
        ('{"kind":"sale","id":"1","occurred_at":"2026-11-01T09:30:00Z","amount":5,"\\ud800":1}', "column_unknown"),
    ],
)
def test_a_bad_element_is_a_fault_of_its_place_alone(engine: Engine, element: str, rule: str):
    good = '{"kind":"sale","id":"ok","occurred_at":"2026-11-01T09:30:00Z","amount":"5"}'
    taken = take(engine, f"[{element}, {good}]", "json", Accept.VALID)
    assert (taken.outcome, rules(taken), ids(engine)) == (Outcome.KEPT, [(1, rule)], ["ok"])


# What is kept


def test_a_file_with_one_bad_row_is_refused_whole_unless_the_valid_rows_are_asked_for(engine: Engine):
    data = text(*GOOD, "sale,bad,2026-11-01T09:30:00Z,-1,,,,,")
    refused = take(engine, data)
    assert (refused.outcome, rules(refused), ids(engine)) == (Outcome.REFUSED, [(7, "amount_negative")], [])
    accepted = take(engine, data, accept=Accept.VALID)
    assert (accepted.outcome, rules(accepted)) == (Outcome.KEPT, [(7, "amount_negative")])
    assert ids(engine) == [f"T-{n}" for n in range(5)]


def test_a_dry_run_tells_the_same_and_keeps_nothing(engine: Engine):
    data = text(*GOOD, GOOD[0])
    checked = take(engine, data, dry=True)
    assert (checked.upload, checked.outcome, ids(engine)) == (None, Outcome.CHECKED, [])
    assert checked.report.as_dict() == take(engine, data, accept=Accept.VALID).report.as_dict()


def test_a_row_that_stands_twice_is_told_with_the_first_line(engine: Engine):
    taken = take(engine, text(GOOD[0], GOOD[1], GOOD[0].replace("128", "5")), accept=Accept.VALID)
    assert rules(taken) == [(4, "duplicate")]
    assert "line 2 already" in taken.report.as_dict()["faults"][0]["notices"]["en"]
    assert ids(engine) == ["T-0", "T-1"]


def test_a_conflict_with_what_is_kept_refuses_the_file_or_only_its_row(engine: Engine):
    take(engine, text(GOOD[0]))
    data = text(GOOD[1], GOOD[0].replace("128", "5"), GOOD[2])
    assert rules(take(engine, data, dry=True)) == [(3, "conflict")]
    refused = take(engine, data)
    assert (refused.outcome, rules(refused), ids(engine)) == (Outcome.REFUSED, [(3, "conflict")], ["T-0"])
    accepted = take(engine, data, accept=Accept.VALID)
    assert (accepted.outcome, rules(accepted)) == (Outcome.KEPT, [(3, "conflict")])
    assert ids(engine) == ["T-0", "T-1", "T-2"]


def test_rows_out_of_order_and_local_times_are_notes(engine: Engine):
    taken = take(engine, text(GOOD[3], GOOD[1], GOOD[2].replace("+08:00", ""), GOOD[0]))
    notes = {note["rule"]: (note["count"], note["line"]) for note in taken.report.as_dict()["notes"]}
    assert (taken.outcome, notes) == (Outcome.KEPT, {"out_of_order": (2, 3), "time_local": (1, 4)})


def test_the_sum_of_a_file_is_bounded(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "MOST_SUM", 3 * 12_800)
    assert take(engine, text(*GOOD[:3])).outcome is Outcome.KEPT
    above = take(engine, text(*GOOD), accept=Accept.VALID, platform="other")
    assert (above.outcome, rules(above)) == (Outcome.REFUSED, [(5, "file_sum")])


def test_case_44_a_gigantic_file_is_refused_by_rows_and_by_bytes(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "MOST_ROWS", 3)
    assert take(engine, text(*GOOD[:3])).outcome is Outcome.KEPT
    above = take(engine, text(*GOOD))
    assert (above.outcome, rules(above)) == (Outcome.REFUSED, [(5, "file_rows")])
    with pytest.raises(UploadTooLarge), spooled(io.BytesIO(b"x" * 101), 100):
        pass
    with spooled(io.BytesIO(b"x" * 100), 100) as file:
        assert (file.bytes, len(file.hash)) == (100, 66)


def test_case_45_the_records_of_a_party_are_bounded(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "MOST_RECORDS", 4)
    assert take(engine, text(*GOOD[:3])).outcome is Outcome.KEPT
    with pytest.raises(RecordsTooMany):
        take(engine, text(*GOOD[3:]), platform="other")
    assert len(ids(engine)) == 3
    assert take(engine, text(*GOOD[:4])).report.kept.stored == 1


def test_a_report_tells_the_first_faults_and_counts_all(engine: Engine):
    taken = take(engine, text(*("sale,,2026-11-01T09:30:00Z,5,,,,," for _ in range(kept.MOST_TOLD + 50))))
    told = taken.report.as_dict()
    assert (len(told["faults"]), told["refused"], told["by_rule"]) == (200, 250, {"missing": 250})


def test_more_conflicts_than_are_told_are_counted(engine: Engine):
    many = [f"sale,{n},2026-11-01T09:30:00Z,5,,,,," for n in range(kept.MOST_TOLD + 50)]
    take(engine, text(*many))
    told = take(engine, text(*(line.replace("Z,5", "Z,6") for line in many))).report.as_dict()
    assert (len(told["faults"]), told["refused"], told["by_rule"]) == (200, 250, {"conflict": 250})


# The log


def test_who_brought_what_and_what_became_of_it_is_logged(engine: Engine):
    kept_ = take(engine, text(*GOOD))
    refused = take(engine, "nonsense")
    with store.reading(engine) as tx:
        newest, first = uploads.listed(tx, MERCHANT, None, 10)
        assert uploads.listed(tx, MERCHANT, refused.upload, 10) == [first]
        assert uploads.found(tx, MERCHANT + 1, kept_.upload or 0) is None
    assert (first["id"], first["brought_by"], first["outcome"], first["received_at"]) == (1, "0xwallet", "kept", NOW)
    assert (newest["outcome"], newest["report"]["by_rule"]) == ("refused", {"csv_header": 1})
    assert first["report"] == kept_.report.as_dict()


def test_erasure_takes_the_reports_and_leaves_the_log(engine: Engine):
    take(engine, text(*GOOD))
    with store.writing(engine) as tx:
        assert kept.erase(tx, MERCHANT, NOW, "asked", 1)["reports"] == 1
        (line,) = uploads.listed(tx, MERCHANT, None, 10)
    assert (line["report"], line["outcome"]) == (None, "kept")


def test_what_is_not_admitted_leaves_no_trace(engine: Engine):
    def refuse(_: Connection) -> None:
        raise PermissionError

    for data in (text(*GOOD), "nonsense"):
        with pytest.raises(PermissionError):
            take(engine, data, admit=refuse)
    with store.reading(engine) as tx:
        assert (uploads.listed(tx, MERCHANT, None, 10), ids(engine)) == ([], [])


def test_progress_is_told_and_ends_with_the_whole_file(engine: Engine):
    told: list[tuple[int, int]] = []
    data = text(*(f"sale,{n},2026-11-01T09:30:00Z,5,,,,," for n in range(5_000)))
    take(engine, data, progress=lambda rows, read: told.append((rows, read)))
    assert told == sorted(told)
    assert (len(told), told[-1]) == (3, (5_000, len(data)))


def peak(engine: Engine, rows: int) -> int:
    data = text(*(f"sale,{n:06},2026-11-01T09:30:00Z,5.00,,,CNY,1,9f2c41d07ab65e38" for n in range(rows))).encode()
    with spooled(io.BytesIO(data), files.MOST_BYTES) as file:
        delivery = Delivery(file, MERCHANT, f"p{rows}", "0xwallet", "csv", Accept.WHOLE, NOW, NOW)
        tracemalloc.start()
        uploads.take(engine, delivery, lambda _: None, lambda *_: None)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return used


def test_memory_does_not_grow_with_the_file(engine: Engine):
    small, large = peak(engine, 2_000), peak(engine, 20_000)
    assert large < 1.5 * small


# Property: whatever comes, an answer; and all or nothing of it

CELLS = st.one_of(
    st.sampled_from(
        ["sale", "refund", "rating", "5", "0.01", "NaN", "-1", "", "2026-11-01T09:30:00Z", "CNY", '"', "=1+1"]
    ),
    st.text(max_size=12),
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=11), max_size=8)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), CELLS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(CELLS, inner, max_size=3)),
    max_leaves=6,
)
MEMBERS = st.dictionaries(st.one_of(st.sampled_from(list(schema.columns())), CELLS), VALUES, max_size=9)
NEVER_MORE = settings(max_examples=150, deadline=None)


@pytest.fixture(scope="module")
def shared_engine(tmp_path_factory: pytest.TempPathFactory):
    created = store.connect(f"sqlite:///{tmp_path_factory.mktemp('fuzz')}/heqi.db")
    store.migrate(created)
    yield created
    created.dispose()


def holds(engine: Engine, data: bytes, form: str) -> None:
    """Reports can be stored and told; a check says what is kept; a refused file leaves nothing."""
    before = ids(engine)
    checked = take(engine, data, form, Accept.VALID, dry=True)
    json.dumps(checked.report.as_dict(), ensure_ascii=False).encode()
    whole = take(engine, data, form)
    if whole.outcome is Outcome.REFUSED:
        assert ids(engine) == before
        valid = take(engine, data, form, Accept.VALID)
        assert valid.report.kept.stored == (checked.report.kept.stored if valid.outcome is Outcome.KEPT else 0)
    else:
        assert whole.report.kept == checked.report.kept
    with store.writing(engine) as tx:
        kept.erase(tx, MERCHANT, NOW, "fuzz", 1)


@NEVER_MORE
@given(
    data=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)),
    form=st.sampled_from(["csv", "json"]),
)
def test_any_bytes_get_a_report(shared_engine: Engine, data: bytes, form: str):
    holds(shared_engine, data, form)


@NEVER_MORE
@given(rows=ROWS, encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]))
def test_any_table_gets_a_report(shared_engine: Engine, rows: Sequence[list[str]], encoding: str):
    page = io.StringIO()
    csv.writer(page).writerows([HEADER.split(","), GOOD[0].split(","), *rows])
    holds(shared_engine, page.getvalue().encode(encoding, "replace"), "csv")


@NEVER_MORE
@given(elements=st.lists(st.one_of(MEMBERS, VALUES), max_size=6))
def test_any_array_gets_a_report(shared_engine: Engine, elements: list):
    good = {"kind": "sale", "id": "ok", "occurred_at": "2026-11-01T09:30:00Z", "amount": "5"}
    holds(shared_engine, json.dumps([good, *elements]).encode(), "json")


@NEVER_MORE
@given(cut=st.integers(0, 400), form=st.sampled_from(["csv", "json"]))
def test_a_file_cut_anywhere_is_never_kept_in_part(shared_engine: Engine, cut: int, form: str):
    elements = list(csv.DictReader(io.StringIO(text(*GOOD))))
    data = text(*GOOD) if form == "csv" else json.dumps(elements)
    holds(shared_engine, data[:cut].encode(), form)


def test_every_kind_can_be_brought(engine: Engine):
    rows = [
        "sale,1,2026-11-01T09:30:00Z,5,,,,,",
        "refund,1,2026-11-01T09:30:00Z,5,,,,,",
        "rating,1,2026-11-01T09:30:00Z,,4.5,,,,9f2c41d07ab65e38",
        "stock,1,2026-11-01T09:30:00Z,0,,,,,",
        "arrears,1,2026-11-01T09:30:00Z,,,12,,,",
        "opening,1,2016-11-01T09:30:00Z,,,,,,",
    ]
    assert take(engine, text(*rows)).outcome is Outcome.KEPT
    with store.reading(engine) as tx:
        assert [(entry.kind, entry.records) for entry in kept.summary(tx, MERCHANT)] == [(kind, 1) for kind in Kind]
