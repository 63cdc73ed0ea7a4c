"""What the API takes and gives about leases and the bank's loans on them."""

import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from backend.api.schemas import (
    Amount,
    Answer,
    Asked,
    Block,
    Currency,
    Day,
    Hash,
    Page,
    PartyNumber,
    Terms,
    Texts,
    Time,
    Wallet,
)

LeaseStatus = Literal[
    "Signed",
    "Secured",
    "Active",
    "Overdue",
    "Defaulted",
    "Accelerated",
    "Rescinded",
    "Sold",
    "Returned",
    "BoughtOut",
    "Cancelled",
]
LoanStatus = Literal["Active", "Overdue", "Defaulted", "WrittenOff", "Repaid", "Recovered"]
Integer = Annotated[str, BeforeValidator(str), Field(pattern=r"^-?[0-9]+$")]
ENDLESS = 2**32 - 1


# Leases


class LeaseQuery(Page):
    """`party`: as lessor or lessee. `status`: as of the day that the read model has reached."""

    party: PartyNumber | None = None
    machine: PartyNumber | None = None
    status: LeaseStatus | None = None


class Tier(Answer):
    """Hours since delivery through `throughTenths` cost `rate` units each; null: without end."""

    through_tenths: int | None
    rate: Amount


class Lease(Answer):
    """Terms, and how the lease stood after its last event; `status` as of `day`, the read model's.

    Money in units: `charged` rent since delivery, `credited` by disputes, `paid`, and `overdue` on that day.
    `claimable` came in and was not passed on yet; `lesseeCredit` is the lessee's. `lockedSeconds`: of earlier locks.
    """

    lease: int
    machine: int
    lessor: int
    lessee: int
    status: LeaseStatus
    disputed: bool
    currency: Currency
    day: Day
    price: Amount
    deposit: Amount
    buy_out_price: Amount
    minimum: Amount
    cap: Amount
    periods: int
    period_days: int
    due_days: int
    cure_days: int
    lock_notice_days: int
    late_rate_bps: int
    tiers: list[Tier]
    rules_hash: Hash
    document_hash: Hash
    terms_hash: Hash
    period: int
    charged: Amount
    credited: Amount
    paid: Amount
    overdue: Amount
    deposit_held: Amount
    claimable: Amount
    lessee_credit: Amount
    financed: bool
    start: Day | None
    start_tenths: int | None
    end: Day | None
    due: Day | None
    notice: Day | None
    cure_through: Day | None
    return_declared: Day | None
    locked_since: Time
    locked_seconds: int
    signed_at: Time
    delivered_at: Time
    ended_at: Time


class LeasePage(Answer):
    items: list[Lease]
    next: str | None


class LeaseToday(Answer):
    """Read from the chain at `block`. `late`: late interest, rounded up. `remaining`: rent that the lease still costs
    if the machine does not run again. `buyOut` ends it today, null when it cannot. `pay`: last day for what is not
    overdue."""

    block: Block
    day: Day
    status: LeaseStatus
    rent: Amount
    late: Amount
    overdue: Amount
    remaining: Amount
    pay: Day | None
    buy_out: Amount | None


class Loan(Answer):
    """`principal` was lent and `outstanding` of it is owed after the last event; `owed` with interest, from the chain
    at the lease's block."""

    status: LoanStatus
    wallet: Wallet
    principal: Amount
    fee: Amount
    net: Amount
    annual_rate_bps: int
    score: int
    read_at: Time
    outstanding: Amount
    interest_paid: Amount
    impaired: Amount
    loss: Amount
    from_cover: Amount
    owed: Amount
    financed_at: Time
    ended_at: Time


class LeaseEvent(Answer):
    """An event about the lease, with its arguments: integers as decimal strings."""

    contract: str
    event: str
    arguments: dict[str, Any]
    at: Time
    block: int
    log_index: int
    transaction_hash: Hash


class LeaseDetail(Lease):
    today: LeaseToday
    loan: Loan | None
    timeline: list[LeaseEvent]


class LeaseStatement(Answer):
    """`charged`: rent since delivery with this statement; `tenths`: hours since delivery that it counts. `paidAt`: when
    nothing of it was left."""

    period: int
    fixed_part: Amount
    variable_part: Amount
    tenths: int
    charged: Amount
    close: Day
    due: Day
    paid_at: Time
    transaction_hash: Hash


class LeaseStatementPage(Answer):
    items: list[LeaseStatement]
    next: str | None


class LeasePayment(Answer):
    """`overdue`: what was overdue afterwards."""

    payer: Wallet
    late: Amount
    rent: Amount
    overdue: Amount
    at: Time
    block: int
    log_index: int
    transaction_hash: Hash


class LeasePaymentPage(Answer):
    items: list[LeasePayment]
    next: str | None


class LoanPayment(Answer):
    payer: Wallet
    interest: Amount
    principal: Amount
    outstanding: Amount
    at: Time
    block: int
    log_index: int
    transaction_hash: Hash


class LoanPaymentPage(Answer):
    items: list[LoanPayment]
    next: str | None


# Rent so far


class TierCharge(Answer):
    """`tenths` of hours within the tier; `unitsTimesTen` is exact, for the sum alone is rounded."""

    through_tenths: int | None
    rate: Amount
    tenths: int
    units_times_ten: Amount


class RentLine(Answer):
    """`result` is `formula` over `inputs`: figures of the chain, or results of lines above; `tiers`: of the hours."""

    id: str
    name: Texts
    formula: str
    inputs: dict[str, Integer]
    result: Amount
    tiers: list[TierCharge]
    decides: bool


class RentSoFar(Answer):
    """Rent since delivery as the chain counts it at `block`, line by line. `tenths`: hours since delivery by the
    reading of `readAt`. The line that `decides` makes the total."""

    lease: int
    currency: Currency
    block: Block
    day: Day
    tenths: int
    read_at: Time
    total: Amount
    lines: list[RentLine]


# Loans


class LoanQuote(Answer):
    """Every figure of the loan today, from the chain; `interestPerDay` of the first days, rounded up."""

    lease: int
    currency: Currency
    base: Amount
    fixed_rent_left: Amount
    principal: Amount
    fee: Amount
    net: Amount
    annual_rate_bps: int
    interest_per_day: Amount
    score: int
    grade: str
    grade_cap: Amount
    read_at: Time


class LoanConditions(Answer):
    """`gates`: by alarm the least severity that refuses a payout. `maxReadingAge` in seconds."""

    open: bool
    max_reading_age: int
    gates: dict[str, str]
    overdue_impairment_bps: int
    portfolio_cap: Amount
    at: Time


class OfferedLoans(Answer):
    currency: Currency
    in_force: LoanConditions | None
    grades: list[Terms]


# Account


class LeaseAccountQuery(Asked):
    """Days are inclusive: from the first entry, until today."""

    from_: Annotated[datetime.date | None, Field(alias="from")] = None
    to: datetime.date | None = None


class LeaseEntry(Answer):
    """Charges add `amount` to `balance`; payments and credits take it away."""

    day: Day
    kind: Literal["fixed_rent", "usage_rent", "rest", "late_interest", "payment", "credit"]
    name: Texts
    amount: Amount
    rent: Amount
    late: Amount
    balance: Amount
    at: Time
    transaction_hash: Hash


class NotEntered(Answer):
    """Rent of periods that nobody closed yet, and late interest that was not paid, from the chain at `block`."""

    block: Block
    day: Day
    rent: Amount
    late: Amount
    owed: Amount


class LeaseAccount(Answer):
    """A lease as the lessee's account: `opening` plus charges minus payments and credits is `closing`, the rent owed.

    `unbilled`: what comes to it until today, null for a period that ended before; `closing` plus it is `owed`.
    """

    lease: int
    currency: Currency
    from_: Annotated[Day, Field(alias="from")]
    to: Day
    opening: Amount
    entries: list[LeaseEntry]
    charged: Amount
    paid: Amount
    closing: Amount
    unbilled: NotEntered | None


# Drafting


Digits = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,23})$", examples=["3600000"])]


class DraftTier(Asked):
    through_tenths: Annotated[int, Field(ge=1, lt=ENDLESS)] | None
    rate: Digits


class DraftAnnex(Asked):
    """What is watched: `region` null is anywhere, otherwise {polygon, validFrom, validThrough}: an outer ring and its
    holes, each closed, of [longitude, latitude] in 1e-7 degrees; seconds since 1970."""

    rules: Annotated[str, Field(max_length=40)] = "rules-1"
    region: dict[str, Any] | None
    timezone: Annotated[str, Field(max_length=64)] = "Asia/Shanghai"


class DraftRequest(Asked):
    """The terms that lessor and lessee will sign; the lessor holds the machine's title. Amounts in units, decimal.

    `deadline`: second after which signatures are void. `salt` makes two leases with the same terms different.
    """

    machine: PartyNumber
    lessee: PartyNumber
    price: Digits
    deposit: Digits
    buy_out_price: Digits
    minimum: Digits
    cap: Digits
    periods: Annotated[int, Field(ge=1, le=120)]
    period_days: Annotated[int, Field(ge=7, le=92)]
    due_days: Annotated[int, Field(ge=1, le=91)]
    cure_days: Annotated[int, Field(ge=1, le=255)]
    lock_notice_days: Annotated[int, Field(ge=0, le=255)]
    late_rate_bps: Annotated[int, Field(ge=0, le=2_400)]
    tiers: Annotated[list[DraftTier], Field(min_length=1, max_length=8)]
    document_hash: Hash
    salt: Annotated[int, Field(ge=0, lt=2**53)]
    deadline: Annotated[int, Field(ge=1, lt=2**40)]
    annex: DraftAnnex


class Draft(Answer):
    """`typedData`: what both wallets sign (EIP-712), amounts as decimal strings; `digest` as the contract computes it.
    `annex` is kept here under `rulesHash`, which is part of the terms."""

    rules_hash: Hash
    digest: Hash
    annex: dict[str, Any]
    typed_data: dict[str, Any]


class LeaseAnnex(Answer):
    lease: int
    rules_hash: Hash
    document: dict[str, Any]
