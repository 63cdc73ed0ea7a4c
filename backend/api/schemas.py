"""What the API takes and gives: the source of the OpenAPI document.

Amounts are decimal strings in the smallest unit of their currency. A day is a calendar day in Beijing. Times are UTC.
"""

import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from backend import days

MOST_ITEMS = 200
NOTHING_YET = 0
LARGEST_PARTY = 2**32 - 1
LARGEST_RECEIVABLE = 2**40 - 1


def _decimal(value: Any) -> Any:
    return str(value) if isinstance(value, int) else value


def _utc(value: Any) -> Any:
    if value == NOTHING_YET:
        return None
    if isinstance(value, int):
        return datetime.datetime.fromtimestamp(value, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


Amount = Annotated[str, BeforeValidator(_decimal), Field(pattern=r"^[0-9]+$", examples=["1250000"])]
Hash = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]
Wallet = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$", examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"])]
Time = Annotated[str | None, BeforeValidator(_utc), Field(examples=["2026-03-01T08:00:00Z"])]
PartyNumber = Annotated[int, Field(ge=1, le=LARGEST_PARTY)]
State = Literal["Registered", "Confirmed", "Financed", "Disputed", "Split", "Settled", "Rejected", "Cancelled"]
Status = Literal["Active", "Overdue", "Defaulted", "WrittenOff", "Repaid", "Recovered"]
Role = Literal["supplier", "core_enterprise", "lender", "cover_provider", "merchant", "lessee", "manufacturer"]


class Answer(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True)


class Asked(BaseModel):
    """Members that nobody knows are refused."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class Texts(Answer):
    en: str
    zh: str


class Problem(Answer):
    """RFC 9457. `code` is the error's name in the catalogue; integers in `values` are decimal strings."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    values: dict[str, Any]
    notices: Texts


class Day(Answer):
    """`day`: days since 1970-01-01 in Beijing; `date`: the same as ISO 8601."""

    day: int
    date: str

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        return {"day": value, "date": days.date_of(value).isoformat()} if isinstance(value, int) else value


class Currency(Answer):
    number: int | None
    token: Wallet
    symbol: str
    decimals: int


class Page(Asked):
    """`after`: the `next` of the page before."""

    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = 50
    after: Annotated[str, Field(pattern=r"^[0-9]{1,18}(-[0-9]{1,9})?$")] | None = None


# Parties and scores


class PartyQuery(Page):
    role: Role | None = None


class BoundWallet(Answer):
    wallet: Wallet
    successor: Wallet | None
    bound_at: Time


class Exposure(Answer):
    """What a party may owe and owes over all products; with arrears nothing new is paid out to it."""

    party: int
    limit: Amount
    outstanding: Amount
    arrears: int


class Facility(Answer):
    open: bool
    recourse: bool
    registration_required: bool
    max_term_days: int
    basis: int
    grace_days: int
    cure_days: int
    late_rate_bps: int
    late_cap_bps: int
    overdue_impairment_bps: int
    changed_at: Time = None


class Party(Answer):
    party: int
    roles: list[Role]
    valid_until: Time
    frozen: bool
    freeze_reason: Hash | None
    kyc_hash: Hash
    admitted_at: Time
    wallets: list[BoundWallet]
    exposure: Exposure


class PartyPage(Answer):
    items: list[Party]
    next: str | None


class PartyDetail(Party):
    facility: Facility | None


class Reason(Answer):
    """`improvement`: what would help, for a reason that raises the risk."""

    code: int
    theme: str | None
    raises_risk: bool | None
    text: Texts
    improvement: Texts | None


class ScoreFigures(Answer):
    """`limitYuan`: reported limit in whole yuan; `pdPpm`: default probability in parts per million."""

    value: int
    pd_ppm: int
    limit_yuan: Amount
    reasons: list[Reason]
    flags: int
    sequence: int
    model: int
    issued_at: Time
    valid_until: Time
    consent_epoch: int


class Consent(Answer):
    """Only `Scoring` touches the score; epochs are counted by purpose."""

    purpose: Literal["Scoring", "Training"]
    epoch: int
    text_hash: Hash
    granted_at: Time
    revoked_at: Time


class Consents(Answer):
    items: list[Consent]


class Score(ScoreFigures):
    """`proposal`: a score that waits for a risk officer. `value` 0: no score yet."""

    party: int
    consented: bool
    held: bool
    proposal: ScoreFigures | None


class ScoreHistoryQuery(Page):
    after: Annotated[str, Field(pattern=r"^[0-9]{1,10}-[0-9]{1,18}-[0-9]{1,9}$")] | None = None


class ScoreRecord(ScoreFigures):
    """Rounds are counted anew for every set of signers; `place` of the record in its report."""

    signer_set: int
    round: int
    place: int
    outcome: Literal["accepted", "held", "skipped"]
    skip_reason: str | None
    reported_at: Time


class ScoreRecordPage(Answer):
    items: list[ScoreRecord]
    next: str | None


class Model(Answer):
    """Registered by one officer, approved by another; only then it makes scores. `notice`: what has to be known."""

    model: int
    hash: Hash
    registered_at: Time
    approved_at: Time
    approved_by: Wallet | None
    retired_at: Time
    notice: Texts | None


class Models(Answer):
    items: list[Model]


class Credit(Answer):
    """Proceeds that a former holder can still collect."""

    holder: Wallet
    currency: Currency
    amount: Amount


class Credits(Answer):
    items: list[Credit]


# Receivables


class ReceivableQuery(Page):
    """`holder` is a party. Days are inclusive; `state` may be given several times."""

    debtor: PartyNumber | None = None
    creditor: PartyNumber | None = None
    holder: PartyNumber | None = None
    state: list[State] = []
    due_from: datetime.date | None = None
    due_to: datetime.date | None = None


class Receivable(Answer):
    """`parent`: the receivable it was split from; `origin`: the registered one; `pool`: whose settlements it shares."""

    id: int
    parent: int | None
    origin: int
    pool: int
    state: State
    debtor: int
    creditor: int
    holder: Wallet | None
    holder_party: int | None
    tier: int
    currency: Currency
    face: Amount
    paid: Amount
    outstanding: Amount
    claimable: Amount
    due: Day
    fingerprint: Hash
    document_hash: Hash
    lienor: int
    registry_reference: Hash | None
    financings: int
    registered_at: Time
    confirmed_at: Time


class ReceivablePage(Answer):
    items: list[Receivable]
    next: str | None


class Node(Answer):
    """A receivable and the parts it was split into."""

    id: int
    state: State
    face: Amount
    outstanding: Amount
    holder_party: int | None
    parts: list["Node"]


class Happening(Answer):
    receivable: int
    contract: str
    event: str
    arguments: dict[str, Any]
    at: Time
    block: int
    log_index: int
    transaction_hash: Hash


class ReceivableDetail(Receivable):
    tree: Node
    timeline: list[Happening]


class Quote(Answer):
    """Every figure of today's offer, read from the chain. `net` is what the holder receives."""

    receivable: int
    currency: Currency
    claim: Amount
    advance: Amount
    discount: Amount
    fee: Amount
    net: Amount
    remainder: Amount
    start: Day
    due: Day
    term: int
    all_in_rate_bps: Amount
    advance_bps: int
    annual_rate_bps: int
    fee_bps: int
    score: int
    grade: str
    seller: int
    debtor: int
    limit_cap: Amount
    holder: Wallet
    facility: Facility


# Financings


class FinancingQuery(Page):
    """`arrears`: only those that were not paid in time and are still owed, whether anybody marked them or not."""

    debtor: PartyNumber | None = None
    seller: PartyNumber | None = None
    status: Status | None = None
    arrears: bool = False


class Financing(Answer):
    """`turn` counts the financings of one receivable. Conditions are those of the payout."""

    receivable: int
    turn: int
    status: Status
    seller: int
    debtor: int
    currency: Currency
    claim: Amount
    advance: Amount
    discount: Amount
    fee: Amount
    net: Amount
    annual_rate_bps: int
    score: int
    start: Day
    due: Day
    recourse: bool
    basis: int
    grace_days: int
    cure_days: int
    late_rate_bps: int
    late_cap_bps: int
    overdue_impairment_bps: int
    outstanding: Amount
    late_paid: Amount
    late_waived: Amount
    impaired: Amount
    loss: Amount
    from_cover: Amount
    notice: Day | None
    cure_through: Day | None
    financed_at: Time
    closed_at: Time


class FinancingPage(Answer):
    items: list[Financing]
    next: str | None


class Owed(Answer):
    """Read from the chain: advance still owed, late interest, and what the debtor paid and anyone may collect."""

    principal: Amount
    late: Amount
    collectable: Amount


class FinancingDetail(Financing):
    owed: Owed
    earlier: list[Financing]
    timeline: list[Happening]


# Treasury and policy


class Accrual(Answer):
    """Daily interest of lines in order, in units times basis points times days: counted through a day, and a day."""

    accrued: Amount
    per_day: Amount
    through_day: Day


class Treasury(Answer):
    """Figures of the book; `accrual` null before the first draw on a line.

    From `lateIncome` on: sums since the beginning; `lineIncome` is all interest that lines paid.
    """

    currency: Currency
    cash: Amount
    outstanding: Amount
    impaired: Amount
    cover: Amount
    shares: Amount
    late_income: Amount
    line_income: Amount
    lease_income: Amount
    written_off: Amount
    from_cover: Amount
    recovered: Amount
    products: dict[str, Amount]
    accrual: Accrual | None


class TreasuryValue(Answer):
    """Value of the vault today, read from the chain at one block, and what it consists of.

    Lenders enter at `grossAssets`, which is `cash` + `outstanding` + `accrued` − `unearned`, and leave at `netAssets`,
    less `impaired`. `unearned`: discount not earned yet; `accrued`: interest of lines and leases, rounded down.
    """

    day: Day
    currency: Currency
    cash: Amount
    outstanding: Amount
    accrued: Amount
    unearned: Amount
    gross_assets: Amount
    impaired: Amount
    net_assets: Amount
    cover: Amount
    shares: Amount


class ExposurePage(Answer):
    items: list[Exposure]
    next: str | None


class Lender(Answer):
    wallet: Wallet
    party: int | None
    shares: Amount


class Lenders(Answer):
    items: list[Lender]


class Terms(Answer):
    product: str
    grade: str
    open: bool
    advance_bps: int
    annual_rate_bps: int
    fee_bps: int
    limit_cap: Amount
    max_age: int
    blocking_flags: int
    tightened: bool
    changed_at: Time


class Policy(Answer):
    items: list[Terms]


# Feed


class FeedQuery(Asked):
    """`after`: a cursor; without it the feed begins at its start. `latest` gives the newest events instead."""

    after: Annotated[str, Field(max_length=40)] = "0-0"
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    latest: bool = False


class FeedItem(Answer):
    """`kind` happened to `key` of the contract `topic`. `rooms`: where Socket.IO announces it."""

    cursor: str
    topic: str
    key: str
    kind: str
    block: int | None
    payload: dict[str, Any]
    rooms: list[str]


class Feed(Answer):
    """`next` is the cursor to go on from, also when nothing is new."""

    items: list[FeedItem]
    next: str


# Fingerprints


class Invoice(Asked):
    """Fields as printed; their canonical form counts. `code` is empty for fully digital invoices.

    `total`: amount with tax in the currency's main unit, e.g. 113000.00. `currency`: ISO 4217.
    """

    code: Annotated[str, Field(max_length=20)] = ""
    number: Annotated[str, Field(min_length=1, max_length=40)]
    issue_date: datetime.date
    total: Annotated[str, Field(min_length=1, max_length=24)]
    currency: Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")] = "CNY"


class FingerprintRequest(Asked):
    """Signed by a wallet of the debtor or of a verified supplier: EIP-712, see `GET /v1/config`.

    `issuedAt`: second of the signature, at most five minutes old.
    """

    debtor: PartyNumber
    invoice: Invoice
    issued_at: Annotated[int, Field(ge=0, lt=2**40)]
    wallet: Wallet
    signature: Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{130}$")]


class Fingerprint(Answer):
    """`receivable`: the one registered for this invoice, null when there is none."""

    debtor: int
    fingerprint: Hash
    receivable: int | None


# Sessions


class SignInRequested(Answer):
    """What the EIP-4361 message must say, besides the wallet's address. `nonce` counts once, until `expirationTime`."""

    domain: str
    uri: str
    version: Literal["1"] = "1"
    chain_id: int
    nonce: str
    issued_at: Time
    expiration_time: Time
    statement: str


class SessionRequest(Asked):
    """`message`: the EIP-4361 text. `signature`: by the wallet's key, or one that its contract takes (ERC-1271)."""

    message: Annotated[str, Field(min_length=1, max_length=800)]
    signature: Annotated[str, Field(pattern=r"^0x([0-9a-fA-F]{2}){1,2048}$")]


class Session(Answer):
    """`party`: whose wallet it is today, null for an account that only acts for the bank.

    `officer`: whether it may see every party's private data. `expiresAt`: unless it is used before.
    """

    wallet: Wallet
    party: int | None
    officer: bool
    expires_at: Time


# Consents and business records


class ConsentText(Answer):
    """`number`: the purpose in `grantConsent`; `hash`: its text hash; `current`: offered now."""

    purpose: Literal["Scoring", "Training"]
    number: int
    version: int
    current: bool
    hash: Hash
    text: Texts


class ConsentTexts(Answer):
    items: list[ConsentText]


class RowSchema(Answer):
    """`row`: JSON Schema of one row; `rules`: a sentence for each code of a report."""

    row: dict[str, Any]
    rules: dict[str, Texts]


PlatformName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,31}$", examples=["taobao"])]


class IntakeQuery(Asked):
    """`accept`: what of a file with faults is kept. `tag` comes back in the progress."""

    accept: Literal["whole", "valid"] = "whole"
    dry_run: bool = False
    tag: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$")] | None = None


class UploadQuery(IntakeQuery):
    """`platform`: where the numbers in the file come from; `own` for the merchant's own till and books."""

    platform: PlatformName = "own"


class PushQuery(IntakeQuery):
    party: PartyNumber


class RowFault(Answer):
    """`line`: of a CSV file, whose header is 1, or the place in an array. `value`: cut; masked if maybe personal."""

    line: int
    field: str
    value: str
    rule: str
    notices: Texts


class RowNote(Answer):
    """Something that does no harm: in how many rows, and where first."""

    rule: str
    count: int
    line: int
    notices: Texts


class UploadReport(Answer):
    """Counts of rows: `stored`, `duplicates` of what is kept, `expired` (older than their kind is kept), `refused`.

    `faults`: at most 200; `byRule` counts all.
    """

    rows: int
    stored: int
    duplicates: int
    expired: int
    refused: int
    faults: list[RowFault]
    by_rule: dict[str, int]
    notes: list[RowNote]


class Upload(Answer):
    """`upload`: its number, null for a dry run. `report`: null once it was erased."""

    upload: int | None
    party: int
    platform: str
    brought_by: str
    received_at: Time
    file_hash: Hash
    outcome: Literal["kept", "refused", "checked"]
    report: UploadReport | None


class UploadPage(Answer):
    items: list[Upload]
    next: str | None


class RecordsOfKind(Answer):
    """`firstAt`, `lastAt`: when they happened. Kept for `retentionDays` after that."""

    kind: str
    records: int
    first_at: Time
    last_at: Time
    last_received_at: Time
    purpose: str
    retention_days: int


class Erasure(Answer):
    erased_at: Time
    reason: str
    erased: dict[str, int]


class Records(Answer):
    party: int
    records: int
    by_kind: list[RecordsOfKind]
    erasures: list[Erasure]


class ExportedRow(Answer):
    """As in an upload; also where it came from and when it came to be known."""

    model_config = ConfigDict(alias_generator=None)

    kind: str
    id: str
    occurred_at: str
    amount: str
    stars: str
    days: str
    currency: str
    count: str
    buyer: str
    platform: str
    received_at: str


class RecordExport(Answer):
    items: list[ExportedRow]


class Finding(Answer):
    """A suspicion for a person to judge. `measure`, `threshold`: in `unit`, basis points or sales."""

    code: str
    measure: int
    threshold: int
    unit: Literal["bps", "sales"]
    text: Texts
    why: Texts
    evidence: list[str]


class Findings(Answer):
    at: Time
    items: list[Finding]


class ConnectionRequest(Asked):
    platform: PlatformName


class Connection(Answer):
    platform: str
    connected_by: Wallet
    connected_at: Time


class Connections(Answer):
    items: list[Connection]


# The service


class Configuration(Answer):
    """`fingerprintRequest`: EIP-712 domain and types of a fingerprint request."""

    chain_id: int
    genesis_hash: Hash
    start_block: int
    contracts: dict[str, Wallet]
    fingerprint_request: dict[str, Any]


class Block(Answer):
    number: int
    hash: Hash


class ServiceStatus(Answer):
    """`today`: the chain's day. `stopped`: contracts that are paused. `feed`: cursor of the newest event."""

    chain_id: int
    head: Block
    today: Day
    indexed: Block
    lag: int
    stopped: list[str]
    last_report_at: Time
    feed: str


class ErrorEntry(Answer):
    code: str
    source: Literal["contract", "service"]
    status: int
    signature: str | None
    notices: Texts


class Errors(Answer):
    items: list[ErrorEntry]


class Health(Answer):
    status: Literal["ok"]


class Readiness(Answer):
    status: Literal["ready"]
    lag: int
