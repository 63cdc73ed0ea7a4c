"""Words and records as the contract packs them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.chain import device_reports
from backend.chain.device_reports import (
    LANES,
    NONE,
    AlarmRecord,
    AlarmReport,
    DeviceFigureTooWide,
    Reading,
    ReadingReport,
    decode_record,
    decode_word,
    encode_record,
    encode_word,
)
from backend.chain.keys import development_key

ORACLE = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
READINGS = st.builds(Reading, st.integers(0, 2**20 - 1), st.integers(0, 2**20 - 1), st.integers(0, 2**24 - 1))
RECORDS = st.builds(
    AlarmRecord,
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**40 - 1),
    st.integers(0, 2**16 - 1),
)


@given(st.lists(READINGS, min_size=LANES, max_size=LANES))
def test_four_readings_survive_their_word(readings: list[Reading]):
    word = encode_word(readings)
    assert word < 2**256
    assert decode_word(word) == readings


@given(RECORDS)
def test_an_alarm_record_survives_its_bytes(record: AlarmRecord):
    packed = encode_record(record)
    assert len(packed) == 32
    assert packed[17:] == bytes(15)
    assert decode_record(packed) == record


def test_the_first_machine_stands_in_the_lowest_bits():
    word = encode_word([Reading(1, 2, 3), NONE, NONE, NONE])
    assert word == 1 << 44 | 2 << 24 | 3


def test_a_record_begins_with_the_machine():
    assert encode_record(AlarmRecord(7, 1, 2, 3, 4)).hex().startswith("0000000700010000000200000000030004")


@pytest.mark.parametrize(
    "reading", [Reading(2**20, 0, 0), Reading(0, 2**20, 0), Reading(0, 0, 2**24), Reading(-1, 0, 0)]
)
def test_what_has_no_room_is_refused(reading: Reading):
    with pytest.raises(DeviceFigureTooWide):
        encode_word([reading])


def test_minutes_count_from_2025_and_are_rounded_down():
    assert device_reports.minute_of(device_reports.START + 119) == 1
    assert device_reports.second_of(1) == device_reports.START + 60
    assert device_reports.minute_of(0) == 0


@pytest.mark.parametrize("report", [AlarmReport(1, 1, 9, (bytes(32),)), ReadingReport(1, 1, 9, (0,), (5,))])
def test_a_signature_is_of_one_report_chain_and_contract(report: AlarmReport | ReadingReport):
    key = development_key(7)
    signature = device_reports.sign(report, 1, ORACLE, key)
    assert device_reports.signer_of(report, 1, ORACLE, signature) == key.address
    assert device_reports.signer_of(report, 2, ORACLE, signature) != key.address
    other = "0x" + "11" * 20
    assert device_reports.signer_of(report, 1, other, signature) != key.address
