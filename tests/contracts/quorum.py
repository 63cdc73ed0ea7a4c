"""Signed score reports, as the oracle's signers make them."""

from collections.abc import Sequence
from typing import Any

from ape import chain
from ape.api import AccountAPI, ReceiptAPI
from eth_account.signers.local import LocalAccount

from backend.chain import reports
from backend.chain.reports import ScoreRecord, ScoreReport
from tests.contracts import clock
from tests.contracts.answers import Refusal, refusal
from tests.contracts.suite import Suite

LANE = b"scores".ljust(32, b"\0")
MODEL = 1
VALIDITY = 30 * clock.DAY


class Quorum:
    """The signers of a deployed suite. `keys` by rising address."""

    def __init__(self, suite: Suite, keys: Sequence[LocalAccount]) -> None:
        self.oracle = suite.oracle
        self.keys = sorted(keys, key=lambda key: int(key.address, 16))

    def record(self, party: int, value: int, **changes: Any) -> ScoreRecord:
        """The next record of a party, under its present consent."""
        stored = self.oracle.scoreOf(party)
        facts = {
            "pd_ppm": 20_000,
            "limit_code": reports.encode_limit(50_000_000),
            "sequence": stored.sequence + 1,
            "reasons": (1, 2),
            "consent_epoch": stored.consentEpoch,
        }
        return ScoreRecord(party=party, value=value, **(facts | changes))

    def report(self, *records: ScoreRecord | bytes, **changes: Any) -> ScoreReport:
        """A sound report of the next round about facts of the last block; `changes` by field of ScoreReport."""
        facts = {
            "round": self.oracle.lastRound(LANE) + 1,
            "signer_set": self.oracle.signerSet(),
            "deadline": clock.now() + 600,
            "model_id": MODEL,
            "issued_at": clock.now(),
            "valid_until": clock.now() + VALIDITY,
        }
        packed = (r if isinstance(r, bytes) else reports.encode_record(r) for r in records)
        return ScoreReport(**(facts | changes), records=tuple(packed))

    def sign(self, report: ScoreReport, keys: Sequence[LocalAccount] | None = None) -> list[bytes]:
        """Signatures of `keys` in the order given, by default of the first two signers."""
        oracle = self.oracle.address
        return [reports.sign(report, chain.chain_id, oracle, key) for key in keys or self.keys[:2]]

    def submit(self, report: ScoreReport, sender: AccountAPI, signatures: Sequence[bytes] | None = None) -> ReceiptAPI:
        """Relay a report; signed by the first two signers unless signatures are given."""
        return self.oracle.submitScores(*self._call(report, signatures), sender=sender)

    def refusal(
        self, report: ScoreReport, sender: AccountAPI, signatures: Sequence[bytes] | None = None
    ) -> Refusal | None:
        """What `submit` would be refused with."""
        return refusal(self.oracle.submitScores, *self._call(report, signatures), sender=sender)

    def score(self, party: int, value: int, sender: AccountAPI, **changes: Any) -> ReceiptAPI:
        """Report one party's score; `changes` by field of ScoreRecord."""
        return self.submit(self.report(self.record(party, value, **changes)), sender)

    def _call(self, report: ScoreReport, signatures: Sequence[bytes] | None) -> tuple[dict[str, Any], list[bytes]]:
        signed = self.sign(report) if signatures is None else signatures
        return reports.message_of(report), list(signed)
