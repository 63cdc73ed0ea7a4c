"""What the treasury lent, got back and lost, by product and day: sums over its events."""

from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Integer, Table, select

from backend import days
from backend.chain.contracts import Event
from backend.readmodel.projection import READMODEL, handles
from backend.readmodel.rows import Rows
from backend.store.tables import Amount

FIGURES = ("disbursed", "repaid", "income", "written_off", "from_cover", "recovered")

# `disbursed`, `repaid`, `written_off`: principal. `income`: what repayments brought besides. `from_cover`: what of the
# written off the first-loss cover bore. `recovered`: what came in after a write-off.
flows = Table(
    "treasury_flows",
    READMODEL,
    Column("product", Integer, primary_key=True, autoincrement=False),
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    *(Column(name, Amount, nullable=False) for name in FIGURES),
)


@handles("Treasury", "Disbursed", key="party")
def disburse(rows: Rows, event: Event) -> None:
    _add(rows, event, disbursed=event["principal"])


@handles("Treasury", "Repaid", key="party")
def repay(rows: Rows, event: Event) -> None:
    _add(rows, event, repaid=event["principal"], income=event["income"])


@handles("Treasury", "WrittenOff", key="party")
def write_off(rows: Rows, event: Event) -> None:
    _add(rows, event, written_off=event["principal"], from_cover=event["fromCover"])


@handles("Treasury", "Recovered", key="party")
def recover(rows: Rows, event: Event) -> None:
    _add(rows, event, recovered=event["toLenders"] + event["toCover"])


# Queries


def listed(tx: Connection) -> list[dict[str, Any]]:
    """By product and rising day; days on which nothing flowed have no row."""
    return [dict(row._mapping) for row in tx.execute(select(flows).order_by(flows.c.product, flows.c.day))]


# Inside


def _add(rows: Rows, event: Event, **figures: int) -> None:
    key = {"product": event["product"], "day": days.day_of(event.timestamp)}
    now = rows.get(flows, *key.values()) or dict.fromkeys(FIGURES, 0)
    rows.put(flows, **(now | key | {name: now[name] + figure for name, figure in figures.items()}))
