"""The smallest useful projection: balances of MockCash and a list of its transfers."""

from sqlalchemy import BigInteger, Column, Integer, String, Table

from backend.chain.contracts import Event
from backend.readmodel.projection import Projection
from backend.readmodel.rows import Rows
from backend.store.tables import Amount

NOBODY = "0x" + "0" * 40

projection = Projection()

balances = Table(
    "balances",
    projection.metadata,
    Column("holder", String(42), primary_key=True),
    Column("amount", Amount, nullable=False),
)

transfers = Table(
    "transfers",
    projection.metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("sender", String(42), nullable=False),
    Column("receiver", String(42), nullable=False),
    Column("amount", Amount, nullable=False),
    Column("transaction_hash", String(66), nullable=False),
)


@projection.handles("MockCash", "Transfer", key="to")
def move(rows: Rows, event: Event) -> None:
    sender, receiver, amount = event["from"], event["to"], event["value"]
    _add(rows, sender, -amount)
    _add(rows, receiver, amount)
    rows.put(
        transfers,
        block=event.block,
        log_index=event.log_index,
        sender=sender,
        receiver=receiver,
        amount=amount,
        transaction_hash=event.transaction,
    )


def _add(rows: Rows, holder: str, amount: int) -> None:
    if holder == NOBODY:
        return
    known = rows.get(balances, holder)
    left = (known["amount"] if known else 0) + amount
    if left:
        rows.put(balances, holder=holder, amount=left)
    elif known:
        rows.remove(balances, holder)
