"""What may need a party or the bank's officers: rows for the rules of backend/desk/inbox.py."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from backend.days import DAY_S
from backend.readmodel import lines, receivables
from backend.readmodel.changes import operations
from backend.readmodel.financings import facilities, financings
from backend.readmodel.leases import ENDED, leases
from backend.readmodel.machines import machines
from backend.readmodel.parties import ROLES, parties
from backend.readmodel.readings import statuses
from backend.readmodel.receivables import GONE, pools
from backend.readmodel.scores import models, scores

MOST = 50  # of a kind: whoever has more looks at the list itself
SCORED = ROLES["core_enterprise"] | ROLES["merchant"] | ROLES["lessee"]
OWED = ("Active", "Overdue", "Defaulted")
OPERATION_EXPIRES_S = 7 * DAY_S  # AccessManager.expiration: after that it must be scheduled anew
CLAIM = receivables.receivables.c

Rows = list[dict[str, Any]]


def of_party(tx: Connection, party: int, today: int) -> dict[str, Any] | None:
    """Members of `Desk`, alarms apart, by their names; None for a party of which the read model has not heard yet."""
    own = _first(tx, select(parties).where(parties.c.party == party))
    if own is None:
        return None
    line = lines.found(tx, party)
    return {
        "party": own | {"scored": own["roles"] & SCORED != 0},
        "to_confirm": receivables.listed(tx, debtor=party, states=("Registered",), limit=MOST),
        "to_settle": _to_settle(tx, party),
        "to_finance": _to_finance(tx, party, today),
        "disputed": _disputed(tx, party),
        "financings": _financings(tx, party),
        "line": line,
        "rise": _last_rise(tx, party) if line else None,
        "leases": _leases(tx, party),
        "score": _first(tx, select(scores).where(scores.c.party == party)),
    }


def of_bank(tx: Connection, now: int, valid_until: int) -> dict[str, Any]:
    """Members of `Bank`, alarms apart, by their names. `valid_until`: second up to which a KYC check that ends needs
    renewal."""
    pending = and_(operations.c.state == "scheduled", operations.c.ready_at > now - OPERATION_EXPIRES_S)
    waits = and_(models.c.approved_at.is_(None), models.c.retired_at.is_(None))
    held = select(machines).join(statuses, statuses.c.machine == machines.c.machine).where(statuses.c.held)
    return {
        "models": _rows(tx, select(models).where(waits).order_by(models.c.model)),
        "held_scores": _rows(tx, select(scores).where(scores.c.held).order_by(scores.c.party)),
        "machines": _rows(tx, select(machines).where(machines.c.verified_at.is_(None)).order_by(machines.c.machine)),
        "held_machines": _rows(tx, held.order_by(machines.c.machine)),
        "parties": _rows(tx, select(parties).where(parties.c.valid_until <= valid_until).order_by(parties.c.party)),
        "operations": _rows(tx, select(operations).where(pending).order_by(operations.c.ready_at)),
    }


def machines_of(tx: Connection, party: int) -> list[int]:
    """Machines whose alarms concern the party: those whose title it holds or that it leases."""
    concerns = or_(machines.c.holder == party, machines.c.lessee == party)
    return list(tx.scalars(select(machines.c.machine).where(concerns).order_by(machines.c.machine)))


def financed_machines(tx: Connection) -> list[int]:
    """Machines that the bank is owed a loan on."""
    return list(tx.scalars(select(machines.c.machine).where(machines.c.financed).order_by(machines.c.machine)))


# Inside


def _to_settle(tx: Connection, debtor: int) -> Rows:
    """Pools that the debtor still owes, by the receivable that stands for each; the earliest due first."""
    query = select(CLAIM.id, CLAIM.due_day, pools.c.face, pools.c.paid).join(pools, pools.c.pool == CLAIM.id)
    is_owed = and_(CLAIM.debtor == debtor, CLAIM.pool == CLAIM.id, pools.c.paid < pools.c.face)
    query = query.where(is_owed, CLAIM.state.in_(("Confirmed", "Financed", "Split")))
    rows = _rows(tx, query.order_by(CLAIM.due_day, CLAIM.id))
    return [row | {"outstanding": row["face"] - row["paid"]} for row in rows]


def _to_finance(tx: Connection, holder: int, today: int) -> Rows:
    """Claims that fit the facility of their debtor; score, limit and cash decide at the quote."""
    query = select(CLAIM.id).join(facilities, facilities.c.debtor == CLAIM.debtor)
    fits = and_(CLAIM.due_day > today, CLAIM.due_day - today <= facilities.c.max_term_days)
    registered = or_(~facilities.c.registration_required, CLAIM.registry_reference.is_not(None))
    is_free = and_(CLAIM.state == "Confirmed", CLAIM.lienor == 0, CLAIM.holder_party == holder)
    query = query.where(facilities.c.open, fits, registered, is_free)
    numbers = tx.scalars(query.order_by(CLAIM.due_day, CLAIM.id).limit(MOST)).all()
    return [row for row in _claims(tx, numbers) if row["outstanding"] and row["state"] == "Confirmed"]


def _disputed(tx: Connection, party: int) -> Rows:
    concerns = or_(CLAIM.debtor == party, CLAIM.creditor == party, CLAIM.holder_party == party)
    query = select(CLAIM.id).where(CLAIM.state == "Disputed", concerns).order_by(CLAIM.id)
    return [row for row in _claims(tx, tx.scalars(query.limit(MOST)).all()) if row["state"] == "Disputed"]


def _financings(tx: Connection, party: int) -> Rows:
    columns = financings.c
    answers: ColumnElement[bool] = or_(columns.debtor == party, and_(columns.seller == party, columns.recourse))
    return _rows(tx, select(financings).where(columns.status.in_(OWED), answers).order_by(columns.due_day))


def _last_rise(tx: Connection, party: int) -> dict[str, Any] | None:
    moves = lines.moves(tx, lines.limit_moves, party, before=None, limit=1)
    return next((move for move in moves if move["after"] > move["before"]), None)


def _leases(tx: Connection, party: int) -> Rows:
    concerns = or_(leases.c.lessor == party, leases.c.lessee == party)
    return _rows(tx, select(leases).where(concerns, leases.c.status.not_in(ENDED)).order_by(leases.c.lease))


def _claims(tx: Connection, numbers: Sequence[int]) -> Rows:
    found = (receivables.found(tx, number) for number in numbers)
    return [row for row in found if row is not None and row["state"] not in GONE]


def _rows(tx: Connection, query: Select[Any]) -> Rows:
    return [dict(row._mapping) for row in tx.execute(query.limit(MOST))]


def _first(tx: Connection, query: Select[Any]) -> dict[str, Any] | None:
    return next(iter(_rows(tx, query)), None)
