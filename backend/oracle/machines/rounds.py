"""Rounds of device reports in the database: what leader and relay hand to each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from backend import store
from backend.chain.device_reports import DeviceReport
from backend.oracle.machines.proposals import Lane, digest_of, from_json, to_json
from backend.oracle.rounds import State
from backend.store.tables import device_rounds

ROUNDS = device_rounds.c
KEPT = 2_000  # rounds of a lane: readings go back about a week, and the chain's events tell of all


@dataclass(frozen=True, slots=True)
class Round:
    """`signatures` and `refusals` by signer; `reason` tells why a round was lost: `{code, values, …}`."""

    lane: Lane
    number: int
    state: State
    digest: str
    report: DeviceReport
    signatures: Mapping[str, str]
    refusals: Mapping[str, Any]
    reason: Mapping[str, Any] | None

    @property
    def intent_key(self) -> str:
        """Every proposal is a transaction of its own; the contract counts one of a round."""
        return f"{self.lane}-{self.report.signer_set}-{self.number}-{self.digest}"


def propose(tx: Connection, lane: Lane, report: DeviceReport) -> None:
    """Keep a proposal, in place of a lost one of the same round."""
    row = {
        "state": State.PROPOSED,
        "digest": digest_of(report),
        "report": to_json(report),
        "signatures": {},
        "refusals": {},
        "reason": None,
    }
    place = {"lane": lane.value, "signer_set": report.signer_set, "round": report.round}
    new = store.insert(tx.dialect.name, device_rounds).values(**place, **row)
    tx.execute(new.on_conflict_do_update(index_elements=list(place), set_=row))
    # What a reorganisation took away comes again under a lower number.
    later = (ROUNDS.lane == lane.value) & (ROUNDS.signer_set == report.signer_set) & (ROUNDS.round > report.round)
    tx.execute(delete(device_rounds).where(later))
    old = (ROUNDS.lane == lane.value) & (ROUNDS.round <= report.round - KEPT)
    tx.execute(delete(device_rounds).where(old))


def last(tx: Connection, lane: Lane) -> Round | None:
    """The newest round of the newest set of signers."""
    newest = select(device_rounds).where(ROUNDS.lane == lane.value)
    row = tx.execute(newest.order_by(ROUNDS.signer_set.desc(), ROUNDS.round.desc()).limit(1)).one_or_none()
    return _round(row) if row else None


def change(tx: Connection, round_: Round, **changes: Any) -> None:
    """Change a round, unless something else has been proposed for it since."""
    place = (ROUNDS.lane == round_.lane.value) & (ROUNDS.signer_set == round_.report.signer_set)
    same = place & (ROUNDS.round == round_.number) & (ROUNDS.digest == round_.digest)
    tx.execute(update(device_rounds).where(same).values(**changes))


def _round(row: Row[Any]) -> Round:
    columns = dict(row._mapping)
    lane, number = Lane(columns.pop("lane")), columns.pop("round")
    del columns["signer_set"]
    report = from_json(lane, columns.pop("report"))
    return Round(lane=lane, number=number, state=State(columns.pop("state")), report=report, **columns)
