"""What the oracle reads from the chain, all of it at one block."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from backend.chain.contracts import Suite
from backend.chain.rpc import Header, Rpc

LANE = b"scores".ljust(32, b"\0")


@dataclass(frozen=True, slots=True)
class Standing:
    """A party's score on chain. `value` 0: none yet; `proposed`: the held value that waits for a risk officer, or 0.

    A score of an earlier consent counts as none. Times in seconds.
    """

    consented: bool
    consent_epoch: int
    sequence: int
    value: int
    issued_at: int
    valid_until: int
    proposed: int

    @property
    def reported(self) -> int:
        """The value that was last reported, in force or not."""
        return self.proposed or self.value


@dataclass(frozen=True, slots=True)
class OracleView:
    """CreditOracle at block `at`. `models`: hash by number of those that may be used, None for a retired one."""

    at: Header
    last_round: int
    signer_set: int
    threshold: int
    paused: bool
    models: Mapping[int, str | None]


def read(rpc: Rpc, suite: Suite, models: Iterable[int], at: Header) -> OracleView:
    """Raises RpcUnavailable, RpcRefused."""

    def call(function: str, *arguments: Any) -> Any:
        return suite.call(rpc, "CreditOracle", function, *arguments, block=at.number)

    return OracleView(
        at=at,
        last_round=call("lastRound", LANE),
        signer_set=call("signerSet"),
        threshold=call("threshold"),
        paused=call("reportsPaused"),
        models={number: _hash(model) for number in models if (model := call("models", number))["approved"]},
    )


def standings(rpc: Rpc, suite: Suite, parties: Iterable[int], block: int) -> dict[int, Standing]:
    """The parties' scores at a block."""
    wanted = sorted(parties)
    asked = [(party,) for party in wanted]
    scores = suite.call_each(rpc, "CreditOracle", "scoreOf", asked, block)
    held = suite.call_each(rpc, "CreditOracle", "heldScoreOf", asked, block)
    return {party: _standing(*pair) for party, pair in zip(wanted, zip(scores, held, strict=True), strict=True)}


def _hash(model: Mapping[str, Any]) -> str | None:
    return None if model["retired"] else model["hash"]


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
    )
