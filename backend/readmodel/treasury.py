"""The treasury: cash, what is owed to it and by whom, cover, losses, and the lenders' shares."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, String, Table, select

from backend.chain.contracts import Event
from backend.readmodel.parties import wallets
from backend.readmodel.projection import READMODEL, handles
from backend.readmodel.rows import Rows
from backend.store.tables import Amount

NOBODY = "0x" + "0" * 40
THE_BOOK = 1
PRODUCTS = ("Receivables", "CreditLine", "Lease")
EMPTY_BOOK = {
    "cash": 0,
    "outstanding": 0,
    "impaired": 0,
    "cover": 0,
    "shares": 0,
    "late_income": 0,
    "line_income": 0,
    "lease_income": 0,
    "written_off": 0,
    "from_cover": 0,
    "recovered": 0,
}

# What a repayment brings besides principal, by product: late interest of a financing, all interest of a line or a loan
# on a lease.
INCOME = ("late_income", "line_income", "lease_income")

# One row. From `late_income` on: sums since the beginning.
book = Table(
    "book",
    READMODEL,
    Column("id", Integer, primary_key=True),
    *(Column(name, Amount, nullable=False) for name in EMPTY_BOOK),
)

exposures = Table(
    "exposures",
    READMODEL,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("limit", Amount, nullable=False),
    Column("outstanding", Amount, nullable=False),
    Column("arrears", Integer, nullable=False),
)

product_exposures = Table(
    "product_exposures",
    READMODEL,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("product", Integer, primary_key=True, autoincrement=False),
    Column("outstanding", Amount, nullable=False),
)

products = Table("products", READMODEL, Column("product", String(42), primary_key=True))

shares = Table(
    "lender_shares",
    READMODEL,
    Column("wallet", String(42), primary_key=True),
    Column("shares", Amount, nullable=False),
)

# One row. Daily interest of lines and loans in order, in units × bps × days: counted through `through_day`, and on each
# day.
accruals = Table(
    "accruals",
    READMODEL,
    Column("id", Integer, primary_key=True),
    Column("accrued", Amount, nullable=False),
    Column("per_day", Amount, nullable=False),
    Column("through_day", BigInteger, nullable=False),
)

stops = Table(
    "stops",
    READMODEL,
    Column("contract", String(40), primary_key=True),
    Column("stopped", Boolean, nullable=False),
    Column("since", BigInteger, nullable=False),
)


# Lending


@handles("Treasury", "Disbursed", key="party")
def disburse(rows: Rows, event: Event) -> None:
    _change_book(rows, outstanding=event["principal"])
    _set_book(rows, cash=event["cash"])
    _owe(rows, event, event["principal"])
    _set_exposure(rows, event["party"], outstanding=event["partyOutstanding"])


@handles("Treasury", "Repaid", key="party")
def repay(rows: Rows, event: Event) -> None:
    _change_book(rows, outstanding=-event["principal"], **{INCOME[event["product"]]: event["income"]})
    _set_book(rows, cash=event["cash"])
    _owe(rows, event, -event["principal"])
    _set_exposure(rows, event["party"], outstanding=event["partyOutstanding"])


@handles("Treasury", "AccrualChanged")
def accrue(rows: Rows, event: Event) -> None:
    figures = {"accrued": event["accrued"], "per_day": event["perDay"], "through_day": event["throughDay"]}
    rows.put(accruals, id=THE_BOOK, **figures)


@handles("Treasury", "ImpairmentChanged", key="party")
def impair(rows: Rows, event: Event) -> None:
    _set_book(rows, impaired=event["impaired"])


@handles("Treasury", "ArrearsBegun")
@handles("Treasury", "ArrearsEnded")
def count_arrears(rows: Rows, event: Event) -> None:
    _set_exposure(rows, event["party"], arrears=event["arrears"])


@handles("Treasury", "WrittenOff", key="party")
def write_off(rows: Rows, event: Event) -> None:
    principal, from_cover = event["principal"], event["fromCover"]
    _change_book(rows, outstanding=-principal, written_off=principal, cash=from_cover, from_cover=from_cover)
    _set_book(rows, cover=event["cover"])
    _owe(rows, event, -principal)
    outstanding = _exposure(rows, event["party"])["outstanding"] - principal
    _set_exposure(rows, event["party"], outstanding=outstanding)


@handles("Treasury", "Recovered", key="party")
def recover(rows: Rows, event: Event) -> None:
    _change_book(rows, recovered=event["toLenders"] + event["toCover"])
    _set_book(rows, cash=event["cash"], cover=event["cover"])


def release_impairment(rows: Rows, amount: int) -> None:
    """A repayment or a write-off ends impairment without an event of the treasury: the product's handler tells."""
    if amount:
        _change_book(rows, impaired=-amount)


# Limits and cover


@handles("Treasury", "LimitChanged")
def set_limit(rows: Rows, event: Event) -> None:
    _set_exposure(rows, event["party"], limit=event["limit"])


@handles("Treasury", "CoverDeposited")
@handles("Treasury", "CoverWithdrawn")
def change_cover(rows: Rows, event: Event) -> None:
    _set_book(rows, cover=event["cover"])


@handles("Treasury", "ProductAllowed")
def allow_product(rows: Rows, event: Event) -> None:
    rows.put(products, product=event["product"])


# Lenders


@handles("Treasury", "Deposit", key="owner")
def deposit(rows: Rows, event: Event) -> None:
    _change_book(rows, cash=event["assets"])


@handles("Treasury", "Withdraw", key="owner")
def withdraw(rows: Rows, event: Event) -> None:
    _change_book(rows, cash=-event["assets"])


@handles("Treasury", "Transfer", key="to")
def move_shares(rows: Rows, event: Event) -> None:
    value = event["value"]
    for wallet, change in ((event["from"], -value), (event["to"], value)):
        if wallet == NOBODY:
            _change_book(rows, shares=-change)
        else:
            _change_shares(rows, wallet, change)


# Stopping


@handles("Treasury", "Paused")
@handles("Receivables", "Paused")
@handles("Factoring", "Paused")
@handles("CreditLine", "Paused")
@handles("LeaseFinance", "Paused")
@handles("CreditOracle", "ReportsPaused")
@handles("DeviceOracle", "ReportsPaused")
def stop(rows: Rows, event: Event) -> None:
    rows.put(stops, contract=event.contract, stopped=True, since=event.timestamp)


@handles("Treasury", "Unpaused")
@handles("Receivables", "Unpaused")
@handles("Factoring", "Unpaused")
@handles("CreditLine", "Unpaused")
@handles("LeaseFinance", "Unpaused")
@handles("CreditOracle", "ReportsResumed")
@handles("DeviceOracle", "ReportsResumed")
def resume(rows: Rows, event: Event) -> None:
    rows.put(stops, contract=event.contract, stopped=False, since=event.timestamp)


# Queries


def summary(tx: Connection) -> dict[str, Any]:
    """The book with `products`, what is owed under each, and `accrual`, the daily interest; None before any."""
    row, accrual = tx.execute(select(book)).one_or_none(), tx.execute(select(accruals)).one_or_none()
    figures = dict(row._mapping) if row else dict(EMPTY_BOOK)
    return figures | {"products": _by_product(tx), "accrual": dict(accrual._mapping) if accrual else None}


def listed_exposures(tx: Connection, *, after: int = 0, limit: int) -> list[dict[str, Any]]:
    """Parties with a limit or a debt, by rising number."""
    query = select(exposures).where(exposures.c.party > after).order_by(exposures.c.party).limit(limit)
    return [dict(row._mapping) for row in tx.execute(query)]


def exposures_of(tx: Connection, parties: Sequence[int]) -> dict[int, dict[str, Any]]:
    """By party; zeros for one that never had a limit or a debt."""
    query = select(exposures).where(exposures.c.party.in_(parties))
    known = {row.party: dict(row._mapping) for row in tx.execute(query)}
    return {party: known.get(party) or _no_exposure(party) for party in parties}


def exposure(tx: Connection, party: int) -> dict[str, Any]:
    return exposures_of(tx, [party])[party]


def lenders(tx: Connection) -> list[dict[str, Any]]:
    query = select(shares, wallets.c.party).join(wallets, wallets.c.wallet == shares.c.wallet, isouter=True)
    return [dict(row._mapping) for row in tx.execute(query.order_by(shares.c.wallet))]


def stopped(tx: Connection) -> list[str]:
    """Contracts that are paused."""
    return list(tx.scalars(select(stops.c.contract).where(stops.c.stopped).order_by(stops.c.contract)))


# Inside


def _book(rows: Rows) -> dict[str, Any]:
    return rows.get(book, THE_BOOK) or {"id": THE_BOOK, **EMPTY_BOOK}


def _set_book(rows: Rows, **figures: int) -> None:
    rows.put(book, **(_book(rows) | figures))


def _change_book(rows: Rows, **changes: int) -> None:
    now = _book(rows)
    _set_book(rows, **{name: now[name] + change for name, change in changes.items()})


def _no_exposure(party: int) -> dict[str, Any]:
    return {"party": party, "limit": 0, "outstanding": 0, "arrears": 0}


def _exposure(rows: Rows, party: int) -> dict[str, Any]:
    return rows.get(exposures, party) or _no_exposure(party)


def _set_exposure(rows: Rows, party: int, **changes: int) -> None:
    rows.put(exposures, **(_exposure(rows, party) | changes))


def _owe(rows: Rows, event: Event, change: int) -> None:
    key = {"party": event["party"], "product": event["product"]}
    known = rows.get(product_exposures, *key.values())
    rows.put(product_exposures, **key, outstanding=(known["outstanding"] if known else 0) + change)


def _change_shares(rows: Rows, wallet: str, change: int) -> None:
    known = rows.get(shares, wallet)
    left = (known["shares"] if known else 0) + change
    if left:
        rows.put(shares, wallet=wallet, shares=left)
    elif known:
        rows.remove(shares, wallet)


def _by_product(tx: Connection) -> dict[str, int]:
    totals = dict.fromkeys(PRODUCTS, 0)
    for row in tx.execute(select(product_exposures)):
        totals[PRODUCTS[row.product]] += row.outstanding
    return totals
