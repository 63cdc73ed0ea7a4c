"""What the auditor's routes take and give."""

import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from backend.api.explorer_schemas import ChainArgument, ChainCall, ChainEvent, Who
from backend.api.schemas import (
    LARGEST_RECEIVABLE,
    Amount,
    Answer,
    Asked,
    Block,
    Currency,
    Day,
    Hash,
    Page,
    PartyNumber,
    State,
    Status,
    Texts,
    Time,
    Wallet,
)
from backend.readmodel.changes import KINDS

Matter = Literal[KINDS]  # type: ignore[valid-type]
Oracle = Literal["CreditOracle", "DeviceOracle"]
Purpose = Literal["Scoring", "Training"]
Part = Literal[
    "all", "receivables", "financings", "events", "oracle", "changes", "consents", "signers", "double-financing"
]


class ReportSigner(Answer):
    """`duty`: where this service was told whose key it is. `member`: of the set that had to sign."""

    address: Wallet
    duty: str | None
    member: bool


# Provenance


class ClaimNode(Answer):
    """A receivable and the parts it was split into."""

    id: int
    parent: int | None
    state: State
    debtor: int
    creditor: int
    holder: Who | None
    tier: int
    face: Amount
    outstanding: Amount
    parts: list["ClaimNode"]


class ClaimEvent(ChainEvent):
    receivable: int


class DocumentHash(Answer):
    """`what`: the argument that carries it, such as `documentHash` or `registryReference`."""

    hash: Hash
    what: str
    event: str
    receivable: int
    at: Time
    transaction_hash: Hash


class GateScore(Answer):
    """The debtor's score that the gate read at the payout. `signers` null: they cannot be told from the transaction.

    `outcome` held: it came into force when a risk officer released it.
    """

    party: int
    value: int
    pd_ppm: int
    sequence: int
    consent_epoch: int
    outcome: Literal["accepted", "held"]
    round: int
    model: int
    model_hash: Hash | None
    issued_at: Time
    valid_until: Time
    reported_at: Time
    transaction_hash: Hash
    signers: list[ReportSigner] | None


class PayoutMade(Answer):
    """Where the money went: what the treasury paid upon the financing, in its transaction."""

    to: Who
    net: Amount
    principal: Amount
    at: Time
    block: int
    transaction_hash: Hash


class FinancedTurn(Answer):
    """`payouts`: more or fewer than one would be a fault. `events`: of the financing, to its end."""

    receivable: int
    turn: int
    status: Status
    seller: int
    debtor: int
    claim: Amount
    advance: Amount
    discount: Amount
    fee: Amount
    net: Amount
    outstanding: Amount
    start: Day
    due: Day
    financed_at: Time
    closed_at: Time
    payouts: list[PayoutMade]
    score: GateScore | None
    events: list[ClaimEvent]


class FinancingConflict(Answer):
    rule: Literal["registered_twice", "financed_twice", "financed_with_its_part", "financed_beyond_face"]
    receivables: list[int]
    text: Texts


class Provenance(Answer):
    """Where a receivable comes from and what became of it. `events`: of the whole tree, the first 2,000.

    `conflicts`: of double financing; empty is as it must be.
    """

    receivable: int
    origin: int
    fingerprint: Hash
    currency: Currency
    due: Day
    block: Block
    tree: ClaimNode
    events: list[ClaimEvent]
    documents: list[DocumentHash]
    financings: list[FinancedTurn]
    conflicts: list[FinancingConflict]


# Double financing


class DoubleFinancingQuery(Asked):
    """Neither: the whole book."""

    fingerprint: Hash | None = None
    receivable: Annotated[int, Field(ge=1, le=LARGEST_RECEIVABLE)] | None = None

    @model_validator(mode="after")
    def _one_at_most(self) -> "DoubleFinancingQuery":
        if self.fingerprint is not None and self.receivable is not None:
            raise ValueError("give either fingerprint or receivable")
        return self


class CheckedClaim(Answer):
    id: int
    parent: int | None
    origin: int
    debtor: int
    creditor: int
    state: str
    face: Amount
    fingerprint: Hash
    registered_at: Time


class CheckedTurn(Answer):
    receivable: int
    turn: int
    status: Status
    seller: int
    claim: Amount
    advance: Amount
    financed_at: Time
    closed_at: Time


class CheckCounts(Answer):
    """`registered`: without parts. `open`: financings that are owed."""

    receivables: int
    registered: int
    fingerprints: int
    financings: int
    open: int


class DoubleFinancing(Answer):
    """`clean`: no conflict. `receivables` and `financings`: the evidence, empty for the whole book.

    `registeredAs`: what the contract itself answers for debtor and fingerprint; null when the debtor is not known.
    """

    block: Block
    clean: bool
    counts: CheckCounts
    conflicts: list[FinancingConflict]
    rules: dict[str, Texts]
    receivables: list[CheckedClaim]
    financings: list[CheckedTurn]
    registered_as: int | None


# The oracle


class OracleQuery(Page):
    model: Annotated[int, Field(ge=1, le=65535)] | None = None
    party: PartyNumber | None = None


class RecordOutcomes(Answer):
    accepted: int = 0
    held: int = 0
    skipped: int = 0


class OracleReport(Answer):
    """`signers` null: they cannot be told from the transaction, because another contract brought the report."""

    round: int
    model: int
    model_hash: Hash | None
    issued_at: Time
    valid_until: Time
    reported_at: Time
    block: int
    transaction_hash: Hash
    relayer: Who
    records: int
    outcomes: RecordOutcomes
    signer_set: int | None
    signers: list[ReportSigner] | None


class OracleReportPage(Answer):
    items: list[OracleReport]
    next: str | None


# Changes


class ChangesQuery(Page):
    """`matter`: what changes, such as `role`, `terms` or `limit`."""

    matter: Matter | None = None
    contract: Annotated[str, Field(pattern=r"^[A-Za-z]{1,40}$")] | None = None


class DelayedOperation(Answer):
    """A delayed operation of the Authority. `delay`: seconds between scheduling and the earliest execution."""

    operation: Hash
    nonce: int
    state: Literal["scheduled", "executed", "cancelled"]
    caller: Who
    target: Who
    call: ChainCall | None
    delay: int
    scheduled_at: Time
    ready_at: Time
    scheduled_in: Hash
    ended_at: Time
    ended_in: Hash | None


class FormerChange(Answer):
    event: str
    arguments: list[ChainArgument]


class SuiteChange(ChainEvent):
    """`before`: the change that this one replaces; null when there was none. `operations`: delayed ones that were
    scheduled, executed or cancelled in the same transaction."""

    matter: Matter
    subject: str
    before: FormerChange | None
    operations: list[DelayedOperation]


class SuiteChangePage(Answer):
    items: list[SuiteChange]
    next: str | None


# Consents and signers


class ConsentsQuery(Page):
    party: PartyNumber | None = None
    purpose: Purpose | None = None


class ConsentEvent(Answer):
    """`textHash`: of the text that was shown when it was granted. `text`: its name, null when it is none of ours."""

    party: int
    purpose: Purpose
    epoch: int
    granted: bool
    text_hash: Hash | None
    text: str | None
    at: Time
    block: int
    log_index: int
    transaction_hash: Hash
    sender: Who | None


class ConsentEventPage(Answer):
    items: list[ConsentEvent]
    next: str | None


class SignerSet(Answer):
    """`until` null: in force."""

    oracle: Oracle
    signer_set: int
    threshold: int
    signers: list[Who]
    since: Time
    until: Time
    block: int
    transaction_hash: Hash
    sender: Who | None


class SignerSets(Answer):
    """Newest first."""

    items: list[SignerSet]


# Export


class ExportQuery(Asked):
    """Days in Beijing, inclusive. They bound what happened; receivables and financings are those registered or financed
    in them. Signers and the check for double financing are whole."""

    what: Part = "all"
    from_: Annotated[datetime.date | None, Field(alias="from")] = None
    to: datetime.date | None = None
