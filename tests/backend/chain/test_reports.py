"""Score reports against figures worked out by hand from the interface's documentation."""

import pytest
from eth_abi import encode
from eth_utils import keccak

from backend.chain import reports
from backend.chain.keys import development_key
from backend.chain.reports import ScoreRecord, ScoreReport

ORACLE = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
CHAIN = 417417
RECORD = ScoreRecord(
    party=0x01020304,
    value=700,
    pd_ppm=20_000,
    limit_code=0xC35003,
    sequence=9,
    reasons=(7, 3),
    consent_epoch=2,
    flags=4,
)
WIDTHS = {"party": 32, "value": 16, "pd_ppm": 24, "limit_code": 24, "sequence": 32, "consent_epoch": 16, "flags": 8}


def report(*records: ScoreRecord, **changes: int) -> ScoreReport:
    facts = {"round": 5, "signer_set": 1, "deadline": 2_000, "model_id": 3, "issued_at": 1_000, "valid_until": 9_000}
    return ScoreReport(**(facts | changes), records=tuple(reports.encode_record(record) for record in records))


def test_a_record_is_packed_from_the_high_bits() -> None:
    assert reports.encode_record(RECORD).hex() == (
        "01020304" + "02bc" + "004e20" + "c35003" + "00000009" + "07030000" + "0002" + "04" + "00" * 9
    )


def test_a_packed_record_is_read_back() -> None:
    assert reports.decode_record(reports.encode_record(RECORD)) == RECORD


@pytest.mark.parametrize(("field", "bits"), WIDTHS.items())
def test_a_field_is_packed_at_its_limit(field: str, bits: int) -> None:
    record = ScoreRecord(**({name: 1 for name in WIDTHS} | {field: (1 << bits) - 1}), reasons=())
    assert reports.decode_record(reports.encode_record(record)) == record


@pytest.mark.parametrize(("field", "bits"), WIDTHS.items())
@pytest.mark.parametrize("beyond", ["above", "below"])
def test_a_field_beyond_its_limit_is_refused_with_its_name(field: str, bits: int, beyond: str) -> None:
    value = 1 << bits if beyond == "above" else -1
    with pytest.raises(reports.RecordFieldTooWide) as refused:
        reports.encode_record(ScoreRecord(**({name: 1 for name in WIDTHS} | {field: value}), reasons=()))
    assert refused.value.values == {"field": field, "value": value, "most": (1 << bits) - 1}


@pytest.mark.parametrize("reasons", [(1, 2, 3, 4, 5), (0,), (256,), (-1,)])
def test_more_than_four_reasons_or_a_code_that_is_no_byte_are_refused(reasons: tuple[int, ...]) -> None:
    with pytest.raises(reports.ReasonsInvalid):
        reports.encode_record(ScoreRecord(1, 700, 1, 1, 1, reasons, 1))


@pytest.mark.parametrize(
    ("yuan", "mantissa", "exponent"),
    [(0, 0, 0), (65_535, 65_535, 0), (65_536, 6_553, 1), (50_000_000, 50_000, 3), (655_359_999, 65_535, 4)],
)
def test_a_limit_is_reported_rounded_down(yuan: int, mantissa: int, exponent: int) -> None:
    code = reports.encode_limit(yuan)
    assert (code >> 8, code & 0xFF) == (mantissa, exponent)
    assert reports.decode_limit(code) == mantissa * 10**exponent <= yuan


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(reports.LimitNegative):
        reports.encode_limit(-1)


def test_the_signed_digest_is_that_of_eip_712() -> None:
    signed = report(RECORD)
    domain_type = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    domain = keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [keccak(domain_type), keccak(b"Heqi CreditOracle"), keccak(b"1"), CHAIN, ORACLE],
        )
    )
    struct_type = (
        b"ScoreReport(uint64 round,uint32 signerSet,uint40 deadline,uint16 modelId,uint40 issuedAt,"
        b"uint40 validUntil,bytes32[] records)"
    )
    struct = keccak(
        encode(
            ["bytes32", "uint64", "uint32", "uint40", "uint16", "uint40", "uint40", "bytes32"],
            [keccak(struct_type), 5, 1, 2_000, 3, 1_000, 9_000, keccak(b"".join(signed.records))],
        )
    )
    key = development_key(1)
    expected = key.unsafe_sign_hash(keccak(b"\x19\x01" + domain + struct)).signature
    assert reports.sign(signed, CHAIN, ORACLE, key) == bytes(expected)


@pytest.mark.parametrize(
    "other", [report(RECORD, round=6), report(RECORD, model_id=4), report(RECORD, signer_set=2), report(RECORD, RECORD)]
)
def test_a_signature_holds_for_its_report_alone(other: ScoreReport) -> None:
    key = development_key(1)
    signature = reports.sign(report(RECORD), CHAIN, ORACLE, key)
    assert reports.signer_of(report(RECORD), CHAIN, ORACLE, signature) == key.address
    assert reports.signer_of(other, CHAIN, ORACLE, signature) != key.address


def test_a_signature_holds_for_its_chain_and_its_contract_alone() -> None:
    key = development_key(1)
    signature = reports.sign(report(RECORD), CHAIN, ORACLE, key)
    assert reports.signer_of(report(RECORD), CHAIN + 1, ORACLE, signature) != key.address
    assert reports.signer_of(report(RECORD), CHAIN, development_key(9).address, signature) != key.address


def test_signatures_are_ordered_by_the_signers_as_numbers() -> None:
    low, high = "0x00" + "Ff" * 19, "0x0A" + "00" * 19
    assert reports.in_order({high: b"high", low: b"low"}) == [b"low", b"high"]
