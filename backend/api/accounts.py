"""Statements of account of credit lines (对账单): every draw, charge and payment with the balance after it."""

from flask import Blueprint, Response
from sqlalchemy import Connection

from backend import days
from backend.api.context import here, reading, vault_currency
from backend.api.limits import CHAIN_READS, limiter
from backend.api.line_schemas import Account, AccountQuery
from backend.api.lines import found
from backend.api.problems import RequestInvalid, language
from backend.api.service import position
from backend.api.sheets import Form, Sheet, Shown
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
FORM = Form(KINDS, HEADS, lines.PARTS, (lines.PAYMENT,))

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
    return Sheet(_account(party, query), FORM, language()).answer(f"line-{party}")


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
