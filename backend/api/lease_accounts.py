"""Statements of account of leases (租金对账单): every charge, payment and credit with the balance after it."""

from flask import Blueprint, Response

from backend import days
from backend.api import lease_live
from backend.api.context import here, reading, vault_currency
from backend.api.lease_schemas import LeaseAccount, LeaseAccountQuery
from backend.api.leases import found
from backend.api.limits import CHAIN_READS, limiter
from backend.api.problems import RequestInvalid, language
from backend.api.service import position
from backend.api.sheets import Form, Sheet, Shown
from backend.api.spec import documented, documented_file
from backend.readmodel import leases

KINDS = {
    "fixed_rent": {"en": "Rent for the time", "zh": "固定租金"},
    "usage_rent": {"en": "Rent for the hours", "zh": "工时租金"},
    "rest": {"en": "Rent due at once, price of the title", "zh": "提前到期租金与留购价"},
    "late_interest": {"en": "Late interest", "zh": "逾期利息"},
    "payment": {"en": "Payment", "zh": "付款"},
    "credit": {"en": "Credit", "zh": "减免"},
    "opening": {"en": "Balance before", "zh": "期初余额"},
    "closing": {"en": "Balance", "zh": "期末余额"},
    "unbilled": {"en": "Accrued, not entered", "zh": "已产生未入账"},
}
HEADS = {
    "en": ("Date", "What", "Charged", "Paid", "Rent", "Late interest", "Balance", "Transaction"),
    "zh": ("日期", "摘要", "借方", "贷方", "租金", "逾期利息", "余额", "交易哈希"),
}
TAKING = (leases.PAYMENT, leases.CREDIT)
FORM = Form(KINDS, HEADS, leases.PARTS, TAKING)

blueprint = Blueprint("lease_accounts", __name__, url_prefix="/v1/leases")


@blueprint.get("/<int:lease>/account")
@limiter.limit(CHAIN_READS)
@documented(LeaseAccount, 404, 422, tag="Leases")
def show_lease_account(lease: int, query: LeaseAccountQuery) -> LeaseAccount:
    """A lease as an account, entry by entry; until today it ends with what the chain says is owed."""
    return LeaseAccount.model_validate(_account(lease, query))


@blueprint.get("/<int:lease>/account.csv")
@limiter.limit(CHAIN_READS)
@documented_file(404, 422, tag="Leases")
def export_lease_account(lease: int, query: LeaseAccountQuery) -> Response:
    """The same as CSV in the caller's language, amounts in the currency's main unit."""
    return Sheet(_account(lease, query), FORM, language()).answer(f"lease-{lease}")


# Inside


def _account(lease: int, query: LeaseAccountQuery) -> Shown:
    with reading() as tx:
        row, currency = found(tx, lease), vault_currency(tx)
        at = position(tx).number
        today = here().live.day_at(at)
        first, last = _period(query, row, today)
        opening, rows = leases.account(tx, lease, first, last)
    entries = [_entry(entry) for entry in rows]
    closing = entries[-1]["balance"] if entries else opening
    until_today = last >= today
    return {
        "lease": lease,
        "currency": currency,
        "from": first,
        "to": last,
        "opening": opening,
        "entries": entries,
        "charged": sum(entry["amount"] for entry in entries if entry["kind"] not in TAKING),
        "paid": sum(entry["amount"] for entry in entries if entry["kind"] in TAKING),
        "closing": closing,
        "unbilled": _unbilled(closing, lease_live.today(here().live, lease, at)) if until_today else None,
    }


def _period(query: LeaseAccountQuery, row: Shown, today: int) -> tuple[int, int]:
    """Raises RequestInvalid."""
    first = days.number_of(query.from_) if query.from_ else (row["start_day"] or days.day_of(row["signed_at"]))
    last = days.number_of(query.to) if query.to else max(today, first)
    if first > last:
        raise RequestInvalid(field="from", rule="it is after the last day")
    return first, last


def _entry(row: Shown) -> Shown:
    return row | {"name": KINDS[row["kind"]], "amount": sum(row[part] for part in leases.PARTS)}


def _unbilled(closing: int, now: Shown) -> Shown:
    """What the chain counts at the block that the entries reach to, less what they hold."""
    where = {"block": now["block"], "day": now["day"]}
    return where | {"rent": now["rent"] - closing, "late": now["late"], "owed": now["rent"] + now["late"]}
