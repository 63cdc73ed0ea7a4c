"""Rounds of device reports, for whoever watches the oracle from outside."""

from sqlalchemy import Connection, func, select

from backend.store.tables import device_rounds

ROUNDS = device_rounds.c


def counts(tx: Connection) -> dict[tuple[str, str], int]:
    """Kept rounds by lane and state."""
    query = select(ROUNDS.lane, ROUNDS.state, func.count()).group_by(ROUNDS.lane, ROUNDS.state)
    return {(lane, state): number for lane, state, number in tx.execute(query.order_by(ROUNDS.lane, ROUNDS.state))}
