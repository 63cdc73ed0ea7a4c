"""What the explorer's routes take and give."""

from typing import Annotated, Literal

from pydantic import Field

from backend.api.schemas import Amount, Answer, Asked, Block, Currency, Hash, Role, Texts, Time

MOST_BLOCKS = 50
LARGEST_BLOCK = 2**53 - 1

Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]
Duty = Literal["relayer", "platform", "risk_desk", "auditor"]
Unit = Literal[
    "amount",
    "shares",
    "bps",
    "day",
    "time",
    "seconds",
    "grade",
    "enum",
    "role",
    "party",
    "receivable",
    "lease",
    "machine",
    "account",
    "hash",
    "bytes",
]


class Who(Answer):
    """An account and who it is: a contract of the suite, a wallet that a party has or had, or a key of the oracle whose
    duty this service was told. Heqi has no names of parties."""

    address: Address
    contract: str | None
    party: int | None
    roles: list[Role]
    duty: Duty | None


class ChainArgument(Answer):
    """`value`: integers as decimal strings; a struct or an array has `parts` instead, a packed record of a report both.
    `leftOut`: parts of a long array that are not shown. `unit` null: not known.

    `amount` is in the settlement currency's smallest unit, `time` and `seconds` in seconds, `day` since 1970-01-01 in
    Beijing, `bps` in hundredths of a percent. `member`: the name of an enumeration's member, of a role of the
    Authority, or of the function behind a selector. `who`: of an account.
    """

    name: str
    type: str
    unit: Unit | None
    value: str | bool | None
    member: str | None
    parts: list["ChainArgument"] | None
    left_out: int
    who: Who | None = None


class ChainCall(Answer):
    """`inner`: what a call of the Authority (execute, schedule, cancel, multicall) carries."""

    contract: str
    function: str
    signature: str
    arguments: list[ChainArgument]
    inner: list["ChainCall"]


class ChainLog(Answer):
    """`event` null: not of the suite; `topics` and `data` are as the chain has them."""

    log_index: int
    address: Address
    contract: str | None
    event: str | None
    signature: str | None
    arguments: list[ChainArgument]
    topics: list[Hash]
    data: str


class ChainFailure(Answer):
    """The error that the same call meets at the end of the block before."""

    code: str
    values: dict[str, object]
    notices: Texts


class BlockQuery(Asked):
    """Blocks below `before`, the `next` of the page before."""

    before: Annotated[int, Field(ge=0, le=LARGEST_BLOCK)] | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_BLOCKS)] = 20


class BlockRow(Answer):
    """`baseFee` in wei. `final`: deep enough that it is not replaced any more."""

    number: int
    hash: Hash
    parent: Hash
    at: Time
    final: bool
    transactions: int
    gas_used: Amount
    gas_limit: Amount
    base_fee: Amount


class BlockPage(Answer):
    """`head`: number of the newest block."""

    head: int
    items: list[BlockRow]
    next: int | None


class TransactionRow(Answer):
    """`call`: `Contract.function`, null when it is none of the suite. `succeeded` null: it waits."""

    hash: Hash
    index: int | None
    succeeded: bool | None
    sender: Who
    to: Who | None
    call: str | None
    gas_used: Amount | None


class BlockDetail(BlockRow):
    """Its transactions in order."""

    items: list[TransactionRow]


class ChainTransaction(Answer):
    """`value`, `gasPrice` and `fee` in wei. `to` null: a contract was created, at `created`.

    `failure` null: it succeeded, or the node no longer tells why. `selector`: of a call that is none of the suite.
    """

    hash: Hash
    status: Literal["pending", "succeeded", "failed"]
    block: Block | None
    at: Time
    confirmations: int
    final: bool
    index: int | None
    nonce: int
    sender: Who
    to: Who | None
    created: Who | None
    value: Amount
    gas_limit: Amount
    gas_used: Amount | None
    gas_price: Amount
    fee: Amount | None
    call: ChainCall | None
    selector: str | None
    input: str
    logs: list[ChainLog]
    failure: ChainFailure | None


class AddressQuery(Asked):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    after: Annotated[str, Field(pattern=r"^[0-9]{1,18}-[0-9]{1,9}$")] | None = None


class AccountBalance(Answer):
    currency: Currency
    amount: Amount


class ChainEvent(Answer):
    """An event of the read model; `sentence`: what it says, where there are words for it; `sender`: who sent the
    transaction."""

    contract: str
    event: str
    sentence: Texts | None
    arguments: list[ChainArgument]
    at: Time
    block: int
    log_index: int
    transaction_hash: Hash
    sender: Who | None


class AddressDetail(Answer):
    """`kind`: a contract of the suite, another contract, a party's wallet, or another account.

    `items`: events of the contract, or those that name the wallet or its party, newest first.
    """

    address: Address
    kind: Literal["contract", "other_contract", "wallet", "account"]
    who: Who
    balances: list[AccountBalance]
    transactions: int
    items: list[ChainEvent]
    next: str | None


# Search


class SearchQuery(Asked):
    q: Annotated[str, Field(min_length=1, max_length=100)]


class SearchHit(Answer):
    """`id`: number, address or hash, as the page of its kind takes it. `note`: what it is, e.g. the document's kind.

    A `fingerprint` or `document` has in `belongsTo` the kind and number of what it belongs to.
    """

    kind: Literal[
        "party",
        "receivable",
        "lease",
        "machine",
        "block",
        "transaction",
        "address",
        "fingerprint",
        "document",
        "model",
    ]
    id: str
    note: str | None
    who: Who | None
    belongs_to: str | None


class SearchHits(Answer):
    """The best first."""

    items: list[SearchHit]
