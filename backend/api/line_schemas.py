"""What the API takes and gives about credit lines and merchants' scores."""

import datetime
from typing import Annotated, Literal

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
    Problem,
    Reason,
    Terms,
    Texts,
    Time,
    Wallet,
)
from backend.records.evaluations import State

Integer = Annotated[str, BeforeValidator(str), Field(pattern=r"^-?[0-9]+$")]
LineStatus = Literal["Open", "Delinquent", "Defaulted", "WrittenOff", "Closed", "Recovered"]


# Lines


class LineQuery(Page):
    """`arrears`: only those with a statement that was not paid in time, whether anybody marked them or not."""

    status: LineStatus | None = None
    frozen: bool | None = None
    arrears: bool = False


class Line(Answer):
    """A line after its last event, under the conditions of its opening; `turn` counts the openings.

    `billed` and `overdue`: what statements billed and is not paid, late interest apart. `averageRateBps`: over all that
    is drawn, rounded up, null when nothing is. `perDay`: interest a day, in units times basis points.
    """

    party: PartyNumber
    turn: int
    status: LineStatus
    frozen: bool
    currency: Currency
    limit: Amount
    opening_limit: Amount
    rise: Day
    drawn: Amount
    per_day: Amount
    average_rate_bps: int | None
    billed: Amount
    overdue: Amount
    due: Day | None
    statements: int
    opened: Day
    next_close: Day
    maturity: Day
    cycle_days: int
    due_days: int
    instalment_bps: int
    late_rate_bps: int
    cure_days: int
    overdue_impairment_bps: int
    agreement_hash: Hash
    notice: Day | None
    cure_through: Day | None
    impaired: Amount
    loss: Amount
    from_cover: Amount
    opened_at: Time
    closed_at: Time


class LinePage(Answer):
    items: list[Line]
    next: str | None


class LineOwed(Answer):
    """Read from the chain at `block`: what is owed that day, rounded up. `total` ends the debt.

    `billed` and `overdue` are parts of it; `pay`: last day for what is billed and not overdue.
    """

    block: Block
    day: Day
    principal: Amount
    interest: Amount
    late: Amount
    billed: Amount
    overdue: Amount
    pay: Day | None
    total: Amount


class LineChange(Answer):
    """`hash`: of the agreement, document or reason. `status` and `frozen` as they were afterwards."""

    event: str
    status: LineStatus
    frozen: bool
    hash: Hash | None
    at: Time
    block: int
    log_index: int
    transaction_hash: Hash


class LineDetail(Line):
    owed: LineOwed
    changes: list[LineChange]


class Draw(Answer):
    """`net` is what was paid out, `drawn` the principal owed afterwards."""

    wallet: Wallet
    amount: Amount
    fee: Amount
    net: Amount
    annual_rate_bps: int
    score: int
    drawn: Amount
    at: Time
    block: int
    log_index: int
    transaction_hash: Hash


class DrawPage(Answer):
    items: list[Draw]
    next: str | None


class Statement(Answer):
    """All that was billed and unpaid at the `close`, the overdue part included; `newInterest` of it for the first time.

    What stays unpaid is billed again by the next statement. `paidAt`: when nothing of it was left, null on one that the
    next took over.
    """

    number: int
    close: Day
    interest: Amount
    principal: Amount
    new_interest: Amount
    overdue: Amount
    drawn: Amount
    due: Day | None
    paid_at: Time
    at: Time
    transaction_hash: Hash


class StatementPage(Answer):
    items: list[Statement]
    next: str | None


class Payment(Answer):
    """What a payment went to, and what was left after it."""

    payer: Wallet
    late: Amount
    interest: Amount
    principal: Amount
    drawn: Amount
    billed: Amount
    overdue: Amount
    at: Time
    block: int
    log_index: int
    transaction_hash: Hash


class PaymentPage(Answer):
    items: list[Payment]
    next: str | None


class DrawQuoteQuery(Asked):
    """Principal to draw, in the currency's smallest unit."""

    amount: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,27}$")]


class DrawQuote(Answer):
    """Every figure of a draw today, read from the chain. `net` is paid out; `averageRateBps` is over all then drawn."""

    party: int
    currency: Currency
    amount: Amount
    fee: Amount
    net: Amount
    annual_rate_bps: int
    average_rate_bps: Amount
    interest_per_day: Amount
    drawn_after: Amount
    close: Day
    pay: Day
    maturity: Day
    score: int
    grade: str
    limit: Amount


# Limit


class LimitLine(Answer):
    """One line of the arithmetic. `formula` in whole numbers over `inputs` and lines above; `//` rounds down.

    `binds`: the result below would be higher without it.
    """

    id: str
    role: Literal["figure", "cap", "haircut", "limit"]
    name: Texts
    formula: str
    inputs: dict[str, Integer]
    result: Amount
    binds: bool


class LimitMove(Answer):
    before: Amount
    after: Amount
    reported: Amount
    at: Time
    block: int
    log_index: int
    transaction_hash: Hash


class LimitMovePage(Answer):
    items: list[LimitMove]
    next: str | None


class Proposal(Answer):
    """How the oracle came to the limit it reported, from the merchant's records. `why`: how the limit moved.

    `proposed`: what the figures support; `granted`: what was reported or would have been. `lines` null once the records
    were erased.
    """

    at: Time
    proposed: Amount | None
    granted: Amount
    move: str | None
    why: Texts | None
    policy_hash: Hash
    lines: list[LimitLine] | None


class LineLimit(Answer):
    """The limit today, read from the chain at `block`: `lines` in the order in which they are computed.

    `refusal`: why nothing can be drawn; then there are no lines. `proposal`: for the signed-in merchant and bank
    officers only, null for everybody else.
    """

    party: int
    currency: Currency
    block: Block
    day: Day
    grade: str | None
    score: int | None
    annual_rate_bps: int | None
    fee_bps: int | None
    limit: Amount | None
    available: Amount | None
    lines: list[LimitLine]
    refusal: Problem | None
    proposal: Proposal | None


class LineOpening(Answer):
    """Read from the chain at `block`: the limit with which the party would open a line, or why it cannot.

    `agreementHash`: of the agreement that it would sign.
    """

    party: int
    currency: Currency
    block: Block
    day: Day
    agreement_hash: Hash
    limit: Amount | None
    refusal: Problem | None


# Conditions and account


class LineConditions(Answer):
    """In force from `at` on. `agreementHash`: what a merchant signs by opening a line."""

    open: bool
    term_days: int
    cycle_days: int
    due_days: int
    instalment_bps: int
    late_rate_bps: int
    cure_days: int
    overdue_impairment_bps: int
    line_cap: Amount
    portfolio_cap: Amount
    agreement_hash: Hash
    at: Time
    transaction_hash: Hash


class Agreement(Answer):
    """`hash`: SHA-256 of the Chinese text followed by the English one."""

    hash: Hash
    text: Texts


class OfferedConditions(Answer):
    """`inForce` with the terms of every grade; `agreement` null when its text is not known here."""

    currency: Currency
    in_force: LineConditions | None
    agreement: Agreement | None
    grades: list[Terms]
    history: list[LineConditions]


class AccountQuery(Asked):
    """Days are inclusive: from the first entry, until today."""

    from_: Annotated[datetime.date | None, Field(alias="from")] = None
    to: datetime.date | None = None


class AccountEntry(Answer):
    """Draws and charges add `amount` to `balance`, a payment takes it away; parts of the amount by what they are."""

    day: Day
    kind: Literal["draw", "fee", "interest", "late_interest", "payment"]
    name: Texts
    amount: Amount
    principal: Amount
    interest: Amount
    late: Amount
    balance: Amount
    at: Time
    transaction_hash: Hash


class Unbilled(Answer):
    """Interest and late interest that were not entered yet, read from the chain at `block`."""

    block: Block
    day: Day
    interest: Amount
    late: Amount
    owed: Amount


class Account(Answer):
    """A line as an account. The balance is principal and interest that was billed or paid: `opening` plus charges minus
    payments is `closing`.

    `unbilled`: what has accrued besides until today, null for a period that ended before; `closing` plus it is `owed`.
    """

    party: int
    currency: Currency
    from_: Annotated[Day, Field(alias="from")]
    to: Day
    opening: Amount
    entries: list[AccountEntry]
    charged: Amount
    paid: Amount
    closing: Amount
    unbilled: Unbilled | None


# Merchants' scores


class Flag(Answer):
    """A fact that stops new money whatever the score is."""

    name: str
    text: Texts


class ScoreInForce(Answer):
    """On chain; counts until `validUntil`, unless consent is withdrawn before."""

    value: int
    grade: str
    pd_ppm: int
    limit_yuan: Amount
    reasons: list[Reason]
    flags: list[Flag]
    model: int
    sequence: int
    consent_epoch: int
    issued_at: Time
    valid_until: Time


class Evaluation(Answer):
    """As of `at`, from records known by then. `due`: why it was reported in `round` of `signerSet`, all null for one
    that was not.

    `figures`: what the records gave, by the features' ids; null once they were erased. `notice`: what has to be known
    about the model.
    """

    at: Time
    value: int
    grade: str
    pd_ppm: int
    reasons: list[Reason]
    flags: list[Flag]
    consent_epoch: int
    model: int
    model_hash: Hash
    notice: Texts | None
    features_hash: Hash
    figures: dict[str, float | None] | None
    limit: Proposal
    due: str | None
    signer_set: int | None
    round: int | None


class EvaluationPage(Answer):
    items: list[Evaluation]
    next: str | None


class Standing(Answer):
    """Whether the oracle renews the score, and if not, why."""

    state: State
    renewed: bool
    text: Texts
    since: Time
    evaluated_at: Time


class MerchantScore(Answer):
    """`inForce` null before the first report; `standing` null before the oracle first looked at the merchant."""

    party: int
    consented: bool
    held: bool
    in_force: ScoreInForce | None
    newest: Evaluation | None
    standing: Standing | None
