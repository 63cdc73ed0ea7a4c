"""What the API takes and gives about the bank's business as a whole, feedback, and what concerns a party now."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from backend.api.schemas import (
    MOST_ITEMS,
    Amount,
    Answer,
    Asked,
    Currency,
    Day,
    Hash,
    Page,
    PartyNumber,
    Texts,
    Time,
    Wallet,
)

# Operations

Product = Literal["Receivables", "CreditLine", "Lease"]


class DayAmount(Answer):
    day: Day
    amount: Amount


class Step(Answer):
    step: str
    name: Texts
    count: int


class Refusal(Answer):
    """`reason`: name of the contract's error; `text`: its sentence, with … for values that differ from case to case.

    `step`: draws are told here and are no part of the approval rate.
    """

    reason: str
    text: Texts
    step: Literal["application", "draw"]
    count: int


class Bucket(Answer):
    bucket: Literal["current", "1-30", "31-60", "61-90", "over-90"]
    name: Texts
    amount: Amount
    loans: int


class BusinessFigures(Answer):
    """What each figure means is in `explanations`. Ratios are null while there is nothing to divide by."""

    disbursed: Amount
    repaid: Amount
    written_off: Amount
    from_cover: Amount
    recovered: Amount
    outstanding: Amount
    overdue: list[Bucket]
    non_performing: Amount
    npl_ratio_bps: int | None
    applications: int
    approvals: int
    refusals: int
    approval_rate_bps: int | None
    disbursed_by_day: list[DayAmount]


class ProductFigures(BusinessFigures):
    product: Product
    name: Texts
    funnel: list[Step]
    refusals_by_reason: list[Refusal]


class Lane(Answer):
    """`reportedAt` and `ageSeconds` are null before the first report."""

    lane: Literal["scores", "readings", "alarms"]
    name: Texts
    reported_at: Time
    age_seconds: int | None


class Signer(Answer):
    """`signed`, `refused`: rounds among those looked at; `seen`: at least one of either."""

    signer: Wallet
    signed: int
    refused: int
    seen: bool


class Signers(Answer):
    """`rounds`: how many were looked at; `quorum`: as many signers as needed were seen, null without rounds."""

    signer_set: int
    threshold: int
    rounds: int
    quorum: bool | None
    items: list[Signer]


class AlarmCount(Answer):
    """How many machines have the alarm on chain in this severity."""

    alarm: str
    name: Texts
    severity: str
    severity_name: Texts
    machines: int


class NetPromoters(Answer):
    """`score`: from -100 to 100, null without answers."""

    score: int | None
    answers: int
    promoters: int
    passives: int
    detractors: int


class Operations(Answer):
    """How the bank's business stands, as of `block`. `explanations`: what each figure means, by its name."""

    day: Day
    at: Time
    block: int
    currency: Currency
    total: BusinessFigures
    products: list[ProductFigures]
    lanes: list[Lane]
    signers: Signers
    alarms: list[AlarmCount]
    nps: NetPromoters
    explanations: dict[str, Texts]


# Feedback

Topic = Literal["receivables", "lines", "leases", "machines", "service"]
Score = Annotated[int, Field(ge=0, le=10)]


class FeedbackGiven(Asked):
    """`score`: from 0, would never recommend, to 10, would certainly."""

    topic: Topic
    score: Score
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000, pattern=r"^[^\x00]*$")] = ""


class FeedbackQuery(Page):
    """`least` and `most`: scores that count; `withText`: only answers with a text."""

    topic: Topic | None = None
    least: Score = 0
    most: Score = 10
    with_text: bool = False


class Feedback(Answer):
    id: int
    party: PartyNumber
    topic: Topic
    topic_name: Texts
    score: Score
    text: str
    given_at: Time


class FeedbackPage(Answer):
    items: list[Feedback]
    next: str | None


# What needs a party now, and what happened to it

SubjectType = Literal["receivable", "line", "lease", "machine", "party", "score", "model", "operation"]
Severity = Literal["urgent", "soon", "open", "hint"]


class Subject(Answer):
    """What an item is about. `id`: its number as text; of a line and a score the party's, of an operation its hash."""

    type: SubjectType
    id: str


class InboxItem(Answer):
    """`kind`: name of the rule. `severity`: `urgent` is late or about to cost something, `soon` is due within days,
    `open` waits, `hint` may be of use."""

    kind: str
    subject: Subject
    due: Day | None
    amount: Amount | None
    severity: Severity
    text: Texts


class Inbox(Answer):
    """The most urgent first. `counts`: items by severity."""

    day: Day
    currency: Currency
    items: list[InboxItem]
    counts: dict[Severity, int]


class NotificationQuery(Asked):
    """`after`: cursor of the newest one seen; only later ones are given then."""

    after: Annotated[str, Field(max_length=40)] = "0-0"
    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = 50


class Notification(Answer):
    """`kind`: name of the event; `at` and `transactionHash` are null for what did not happen on chain."""

    cursor: str
    kind: str
    subject: Subject | None
    at: Time
    text: Texts
    transaction_hash: Hash | None


class Notifications(Answer):
    """The newest first. `next`: the cursor to ask with later, also when nothing is new."""

    items: list[Notification]
    next: str
