"""What the oracle reads from the chain, all of it at one block."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from backend.chain.contracts import Suite
from backend.chain.rpc import Header, Rpc
from backend.scoring.merchants.features import LineUse
from backend.scoring.merchants.flags import ScoreFlag

LANE = b"scores".ljust(32, b"\0")
# Order of ICreditLine.LineStatus. A line that was never opened, is closed or was recovered in full says nothing.
LINES_WITHOUT_USE = {0, 5, 6}


@dataclass(frozen=True, slots=True)
class Model:
    """`hash`: of the artefact, as registered. Only an approved and not retired model makes scores."""

    hash: str
    approved: bool
    retired: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A party's score on chain. `value` 0: none yet; `proposed`: the held value that waits for a risk officer, or 0.

    A score of an earlier consent counts as none. `limit_code` and `flags` were reported last, in force or not.
    `stored_at`, `stored_value` and `stored_limit`: of the score that is stored, under whatever consent it was made;
    `stored_at` 0: none was ever reported. Times in seconds.
    """

    consented: bool
    consent_epoch: int
    sequence: int
    value: int
    issued_at: int
    valid_until: int
    proposed: int
    limit_code: int = 0
    flags: int = 0
    stored_at: int = 0
    stored_value: int = 0
    stored_limit: int = 0

    @property
    def reported(self) -> int:
        """The value that was last reported, in force or not."""
        return self.proposed or self.value


@dataclass(frozen=True, slots=True)
class OracleView:
    """CreditOracle at block `at`. `models`: the registered ones of those asked for, by number."""

    at: Header
    last_round: int
    signer_set: int
    threshold: int
    paused: bool
    models: Mapping[int, Model]


def read(rpc: Rpc, suite: Suite, models: Iterable[int], at: Header) -> OracleView:
    """Raises RpcUnavailable, RpcRefused."""

    def call(function: str, *arguments: Any) -> Any:
        return suite.call(rpc, "CreditOracle", function, *arguments, block=at.number)

    known = {number: call("models", number) for number in models}
    return OracleView(
        at=at,
        last_round=call("lastRound", LANE),
        signer_set=call("signerSet"),
        threshold=call("threshold"),
        paused=call("reportsPaused"),
        models={
            number: Model(model["hash"], model["approved"], model["retired"])
            for number, model in known.items()
            if model["registered"]
        },
    )


def standings(rpc: Rpc, suite: Suite, parties: Iterable[int], block: int) -> dict[int, Standing]:
    """The parties' scores at a block."""
    wanted = sorted(parties)
    asked = [(party,) for party in wanted]
    scores = suite.call_each(rpc, "CreditOracle", "scoreOf", asked, block)
    held = suite.call_each(rpc, "CreditOracle", "heldScoreOf", asked, block)
    return {party: _standing(*pair) for party, pair in zip(wanted, zip(scores, held, strict=True), strict=True)}


def line_uses(rpc: Rpc, suite: Suite, parties: Iterable[int], block: int) -> dict[int, LineUse | None]:
    """How much of its own line each party has drawn at a block, None without a line."""
    wanted = sorted(parties)
    lines = suite.call_each(rpc, "CreditLine", "lineOf", [(party,) for party in wanted], block)
    return {party: _line_use(line) for party, line in zip(wanted, lines, strict=True)}


def grades(rpc: Rpc, suite: Suite, block: int) -> Callable[[int], int]:
    """The grade of a score at a block, each asked for once."""

    @cache
    def grade_of(value: int) -> int:
        grade: int = suite.call(rpc, "RiskPolicy", "gradeOf", value, block=block)
        return grade

    return grade_of


def block_at(rpc: Rpc, second: int, head: Header) -> int:
    """Number of the last block up to `head` whose time is not after `second`; the first block if all are."""
    step, first = 1, head
    while first.timestamp > second and first.number:
        first = rpc.header(max(head.number - step, 0))
        step *= 2
    low, high = first.number, head.number
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if rpc.header(middle).timestamp <= second else (low, middle - 1)
    return low


def _standing(score: Mapping[str, Any], held: Mapping[str, Any]) -> Standing:
    waits = held["value"] != 0 and (held["sequence"], held["consentEpoch"]) == (
        score["sequence"],
        score["consentEpoch"],
    )
    last = held if waits else score
    # A new consent ends the validity of the score there is.
    has_score = last["validUntil"] != 0
    return Standing(
        consented=score["consented"],
        consent_epoch=score["consentEpoch"],
        sequence=score["sequence"],
        value=score["value"] if has_score else 0,
        issued_at=last["issuedAt"] if has_score else 0,
        valid_until=last["validUntil"],
        proposed=held["value"] if waits else 0,
        limit_code=last["limitCode"],
        flags=last["flags"] & ~ScoreFlag.HELD,
        stored_at=score["issuedAt"],
        stored_value=score["value"],
        stored_limit=score["limitCode"],
    )


def _line_use(line: Mapping[str, Any]) -> LineUse | None:
    return None if line["status"] in LINES_WITHOUT_USE else LineUse(line["drawn"], line["limit"])
