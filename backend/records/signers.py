"""Which signers' signatures the newest reports carried, for whoever watches the oracle from outside."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from backend.store.tables import device_rounds, score_rounds

LANES = ("readings", "alarms")
NEWEST = 20  # rounds of each lane
NOT_ASKED_YET = "proposed"


def health(tx: Connection) -> dict[str, Any]:
    """`rounds` looked at, and by signer how many of them it `signed` and `refused`.

    A round keeps as many signatures as the quorum needs, the first to arrive.
    """
    rounds = [row for row in _newest(tx) if row.state != NOT_ASKED_YET]
    return {
        "rounds": len(rounds),
        "signed": Counter(signer for row in rounds for signer in row.signatures),
        "refused": Counter(signer for row in rounds for signer in row.refusals),
    }


def _newest(tx: Connection) -> Iterator[Any]:
    of_scores, of_devices = score_rounds.c, device_rounds.c
    query = select(of_scores.state, of_scores.signatures, of_scores.refusals)
    yield from tx.execute(query.order_by(of_scores.signer_set.desc(), of_scores.round.desc()).limit(NEWEST))
    for lane in LANES:
        query = select(of_devices.state, of_devices.signatures, of_devices.refusals).where(of_devices.lane == lane)
        yield from tx.execute(query.order_by(of_devices.signer_set.desc(), of_devices.round.desc()).limit(NEWEST))
