"""Score reports as CreditOracle takes them: packed records, EIP-712 data, signatures. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount

from backend.chain import eip712
from backend.errors import HeqiError

# A record from its high bits, as ICreditOracle.ScoreReport documents it; 72 zero bits follow.
RECORD_BITS = {
    "party": 32,
    "value": 16,
    "pd_ppm": 24,
    "limit_code": 24,
    "sequence": 32,
    "reasons": 32,
    "consent_epoch": 16,
    "flags": 8,
}
UNUSED_BITS = 72
MOST_REASONS = 4
MANTISSA_BITS = 16
EXPONENT_BITS = 8

REPORT_TYPE = [
    {"name": "round", "type": "uint64"},
    {"name": "signerSet", "type": "uint32"},
    {"name": "deadline", "type": "uint40"},
    {"name": "modelId", "type": "uint16"},
    {"name": "issuedAt", "type": "uint40"},
    {"name": "validUntil", "type": "uint40"},
    {"name": "records", "type": "bytes32[]"},
]


class RecordFieldTooWide(HeqiError):
    notice_en = "A score record has no room for {field} = {value}; it takes 0 to {most}."
    notice_zh = "评分记录的字段 {field} = {value} 超出范围，只允许 0 至 {most}。"


class ReasonsInvalid(HeqiError):
    notice_en = "{reasons} are not up to {most} reason codes between 1 and 255."
    notice_zh = "{reasons} 无效：原因代码最多 {most} 个，每个须介于 1 与 255 之间。"


class LimitNegative(HeqiError):
    notice_en = "A limit of {yuan} yuan cannot be reported."
    notice_zh = "无法报告金额为 {yuan} 元的额度。"


@dataclass(frozen=True, slots=True)
class ScoreRecord:
    """What a report says about one party. `reasons`: codes 1 to 255, the strongest first."""

    party: int
    value: int
    pd_ppm: int
    limit_code: int
    sequence: int
    reasons: tuple[int, ...]
    consent_epoch: int
    flags: int = 0


class Place(NamedTuple):
    """Which report: every set of signers counts its rounds from one."""

    signer_set: int
    round: int


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """A batch for a quorum to sign. Times in seconds; `records` as `encode_record` makes them."""

    round: int
    signer_set: int
    deadline: int
    model_id: int
    issued_at: int
    valid_until: int
    records: tuple[bytes, ...]

    @property
    def place(self) -> Place:
        return Place(self.signer_set, self.round)


def encode_record(record: ScoreRecord) -> bytes:
    """The 32 bytes of a record. Raises RecordFieldTooWide, ReasonsInvalid."""
    word = 0
    for field, bits in RECORD_BITS.items():
        value = _reasons_word(record.reasons) if field == "reasons" else getattr(record, field)
        most = (1 << bits) - 1
        if not 0 <= value <= most:
            raise RecordFieldTooWide(field=field, value=value, most=most)
        word = word << bits | value
    return (word << UNUSED_BITS).to_bytes(32)


def decode_record(packed: bytes) -> ScoreRecord:
    """What `encode_record` packed."""
    word = int.from_bytes(packed) >> UNUSED_BITS
    fields: dict[str, Any] = {}
    for field, bits in reversed(RECORD_BITS.items()):
        fields[field] = word & ((1 << bits) - 1)
        word >>= bits
    fields["reasons"] = tuple(code for code in fields["reasons"].to_bytes(MOST_REASONS) if code)
    return ScoreRecord(**fields)


def encode_limit(yuan: int) -> int:
    """Largest reportable limit that is not above `yuan`: 16 bits of mantissa, 8 of decimal exponent.

    Raises LimitNegative.
    """
    if yuan < 0:
        raise LimitNegative(yuan=yuan)
    exponent = 0
    while yuan >> MANTISSA_BITS:
        yuan //= 10
        exponent += 1
    return yuan << EXPONENT_BITS | exponent


def decode_limit(code: int) -> int:
    """The limit in yuan behind its code."""
    mantissa, exponent = divmod(code, 1 << EXPONENT_BITS)
    return mantissa * int(10**exponent)


def message_of(report: ScoreReport) -> dict[str, Any]:
    """The report under its Solidity names: argument of `submitScores` and message of its typed data."""
    return {
        "round": report.round,
        "signerSet": report.signer_set,
        "deadline": report.deadline,
        "modelId": report.model_id,
        "issuedAt": report.issued_at,
        "validUntil": report.valid_until,
        "records": list(report.records),
    }


def typed_data(report: ScoreReport, chain_id: int, oracle: str) -> dict[str, Any]:
    """EIP-712 data of a report for the CreditOracle at `oracle`."""
    return eip712.typed_data(
        "CreditOracle", oracle, chain_id, primary_type="ScoreReport", fields=REPORT_TYPE, message=message_of(report)
    )


def sign(report: ScoreReport, chain_id: int, oracle: str, key: LocalAccount) -> bytes:
    """A signer's 65 bytes over a report."""
    return bytes(key.sign_message(_signable(report, chain_id, oracle)).signature)


def signer_of(report: ScoreReport, chain_id: int, oracle: str, signature: bytes) -> str:
    """The address that signed the report."""
    address: str = Account.recover_message(_signable(report, chain_id, oracle), signature=signature)
    return address


def in_order(signatures: Mapping[str, bytes]) -> Sequence[bytes]:
    """Signatures by signer → as the contract wants them: by rising address."""
    return [signatures[signer] for signer in sorted(signatures, key=lambda address: int(address, 16))]


def _signable(report: ScoreReport, chain_id: int, oracle: str) -> SignableMessage:
    return encode_typed_data(full_message=typed_data(report, chain_id, oracle))


def _reasons_word(reasons: tuple[int, ...]) -> int:
    if len(reasons) > MOST_REASONS or not all(1 <= code <= 0xFF for code in reasons):
        raise ReasonsInvalid(reasons=reasons, most=MOST_REASONS)
    return int.from_bytes(bytes(reasons).ljust(MOST_REASONS, b"\0"))
