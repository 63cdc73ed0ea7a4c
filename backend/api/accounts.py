"""Statements of account of credit lines (对账单): every draw, charge and payment with the balance after it."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Connection

from backend import days, figures
from backend.api.context import here, reading, vault_currency
from backend.api.limits import CHAIN_READS, limiter
from backend.api.line_schemas import Account, AccountQuery
from backend.api.lines import found
from backend.api.problems import RequestInvalid, language
from backend.api.service import position
from backend.api.spec import documented, documented_file
from backend.readmodel import lines

KINDS = {
    "draw": {"en": "Drawn", "zh": "提款"},
    "fee": {"en": "Fee", "zh": "费用"},
    "interest": {"en": "Interest", "zh": "利息"},
    "late_interest": {"en": "Late interest", "zh": "逾期利息"},
    "payment": {"en": "Payment", "zh": "还款"},
    "opening": {"en": "Balance before", "zh": "期初余额"},
    "closing": {"en": "Balance", "zh": "期末余额"},
    "unbilled": {"en": "Accrued, not billed", "zh": "已计提未出账"},
}
HEADS = {
    "en": ("Date", "What", "Charged", "Paid", "Principal", "Interest", "Late interest", "Balance", "Transaction"),
    "zh": ("日期", "摘要", "借方", "贷方", "本金", "利息", "逾期利息", "余额", "交易哈希"),
}
BYTE_ORDER_MARK = "\ufeff"  # without it Excel does not read UTF-8

Shown = dict[str, Any]

blueprint = Blueprint("accounts", __name__, url_prefix="/v1/lines")


@blueprint.get("/<int:party>/account")
@limiter.limit(CHAIN_READS)
@documented(Account, 404, 422, tag="Credit lines")
def show_account(party: int, query: AccountQuery) -> Account:
    """A line as an account, entry by entry; until today it ends with what the chain says is owed."""
    return Account.model_validate(_account(party, query))


@blueprint.get("/<int:party>/account.csv")
@limiter.limit(CHAIN_READS)
@documented_file(404, 422, tag="Credit lines")
def export_account(party: int, query: AccountQuery) -> Response:
    """The same as CSV in the caller's language, amounts in the currency's main unit."""
    sheet = Sheet(_account(party, query), language())
    response = Response(sheet.text(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="line-{party}.csv"'
    return response


# Inside


def _account(party: int, query: AccountQuery) -> Shown:
    with reading() as tx:
        line, currency = found(tx, party), vault_currency(tx)
        at = position(tx).number
        today = here().live.day_at(at)
        first, last = _period(tx, query, party, today)
        opening, rows = lines.account(tx, party, first, last)
    entries = [_entry(row) for row in rows]
    closing = entries[-1]["balance"] if entries else opening
    until_today = last >= today
    return {
        "party": party,
        "currency": currency,
        "from": first,
        "to": last,
        "opening": opening,
        "entries": entries,
        "charged": sum(entry["amount"] for entry in entries if entry["kind"] != lines.PAYMENT),
        "paid": sum(entry["amount"] for entry in entries if entry["kind"] == lines.PAYMENT),
        "closing": closing,
        "unbilled": _unbilled(line, here().live.line_owed(party, at)) if until_today else None,
    }


def _period(tx: Connection, query: AccountQuery, party: int, today: int) -> tuple[int, int]:
    """Raises RequestInvalid."""
    first = days.number_of(query.from_) if query.from_ else lines.first_day(tx, party)
    last = days.number_of(query.to) if query.to else max(today, first)
    if first > last:
        raise RequestInvalid(field="from", rule="it is after the last day")
    return first, last


def _entry(row: Shown) -> Shown:
    return row | {"name": KINDS[row["kind"]], "amount": sum(row[part] for part in lines.PARTS)}


def _unbilled(line: Shown, owed: Shown) -> Shown:
    """What the chain counts at the block that the entries reach to, less what they hold."""
    interest = owed["interest"] - line["due_interest"]
    where = {"block": owed["block"], "day": owed["day"]}
    return where | {"interest": interest, "late": owed["late"], "owed": owed["total"]}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The account as rows of cells. No cell begins like a formula: what is paid has a column instead of a sign."""

    account: Shown
    lang: str

    def text(self) -> str:
        page = io.StringIO()
        csv.writer(page).writerows(self._rows())
        return BYTE_ORDER_MARK + page.getvalue()

    def _rows(self) -> Iterator[Sequence[str]]:
        account = self.account
        yield HEADS[self.lang]
        yield self._row(account["from"], "opening", account["opening"])
        for entry in account["entries"]:
            yield self._entry(entry)
        yield self._row(account["to"], "closing", account["closing"])
        if account["unbilled"] is not None:
            yield self._unbilled(account["unbilled"])

    def _entry(self, entry: Shown) -> list[str]:
        side = "paid" if entry["kind"] == lines.PAYMENT else "charged"
        cells = {side: self._money(entry["amount"])} | {part: self._money(entry[part]) for part in lines.PARTS}
        row = self._row(entry["day"], entry["kind"], entry["balance"], cells)
        return [*row[:-1], entry["transaction_hash"]]

    def _unbilled(self, unbilled: Shown) -> list[str]:
        amounts = {"interest": unbilled["interest"], "late": unbilled["late"]}
        cells = {name: self._money(amount) for name, amount in (amounts | {"charged": sum(amounts.values())}).items()}
        return self._row(unbilled["day"], "unbilled", unbilled["owed"], cells)

    def _row(self, day: int, kind: str, balance: int, cells: Mapping[str, str] = MappingProxyType({})) -> list[str]:
        middle = [cells.get(name, "") for name in ("charged", "paid", *lines.PARTS)]
        return [figures.day(day), KINDS[kind][self.lang], *middle, self._money(balance), ""]

    def _money(self, value: int) -> str:
        return figures.amount(value, self.account["currency"]["decimals"]).replace(",", "")
