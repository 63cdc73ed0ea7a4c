"""Whether a shipped model may be used: it is the one that two people stand for on chain, and it is good enough.

The chain enforces four eyes and the delay; this is the check before anybody relies on it, and the record of it. Pure.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from backend.scoring.errors import PromotionRefused
from backend.scoring.model import Scorer
from backend.scoring.registry import Registered

MOST_ECE = 0.03
AUC_MARGIN = 0.002  # below, two models of one kind rank alike


@dataclass(frozen=True)
class Check:
    """One condition, with what was found."""

    name: str
    passed: bool
    found: str


def checks(
    scorer: Scorer, report: Mapping[str, Any], incumbent: Mapping[str, Any] | None, registered: Registered, today: date
) -> list[Check]:
    """All conditions. `report` is the model's own; `incumbent` that of the model it replaces, if any."""
    return [
        *_on_chain(scorer, registered),
        Check("the report is of this model", report["model_hash"] == scorer.model_hash, report["model_hash"]),
        Check("the model has not expired", today <= scorer.expires_on, scorer.expires_on.isoformat()),
        *_quality(report, incumbent),
    ]


def _on_chain(scorer: Scorer, registered: Registered) -> list[Check]:
    proposer, approver = registered.proposer, registered.approver
    return [
        Check("the registered hash is the shipped one", registered.hash == scorer.model_hash, registered.hash),
        Check("approved and not retired", registered.approved and not registered.retired, _state(registered)),
        Check(
            "two different people stand for it",
            None not in (proposer, approver) and proposer != approver,
            f"proposed by {proposer or 'nobody'}, approved by {approver or 'nobody'}",
        ),
    ]


def _state(registered: Registered) -> str:
    return "retired" if registered.retired else "approved" if registered.approved else "not approved"


def _quality(report: Mapping[str, Any], incumbent: Mapping[str, Any] | None) -> list[Check]:
    auc, ece = (report["held_out"][name]["value"] for name in ("auc", "ece"))
    rivals = {"the baseline": report["baseline_held_out_auc"]}
    if "rivals" in report:
        rivals["the challenger"] = report["rivals"]["scorecard"]["held_out"]["auc"]
    if incumbent:
        rivals["the model in use"] = incumbent["held_out"]["auc"]["value"] - AUC_MARGIN
    violations = sum(report["monotone"].values())
    return [
        *(
            Check(f"AUC not below that of {rival}", auc >= least, f"{auc:.4f}, {least:.4f}")
            for rival, least in rivals.items()
        ),
        Check(f"ECE at most {MOST_ECE}", ece <= MOST_ECE, f"{ece:.4f}"),
        Check("no violation of a promised direction", violations == 0, str(violations)),
    ]


def record(scorer: Scorer, model_id: int, done: list[Check], registered: Registered, today: date) -> dict[str, Any]:
    """The record of a promotion. Raises `PromotionRefused` when a check failed."""
    failed = [f"{check.name} ({check.found})" for check in done if not check.passed]
    if failed:
        raise PromotionRefused(spec=scorer.spec.name, model=model_id, reasons="; ".join(failed))
    return {
        "spec": scorer.spec.name,
        "model_id": model_id,
        "model_hash": scorer.model_hash,
        "proposer": registered.proposer,
        "approver": registered.approver,
        "chain_id": registered.chain_id,
        "block": registered.block,
        "day": today.isoformat(),
        "checks": [asdict(check) for check in done],
    }
