"""Receivables and financings brought into any state: the fixture `given`.

Every builder makes what it needs, so that `given.written_off()` is one line; each returns the number of the receivable.
Payers are provided with cash and allowances once, so that a payment is one transaction.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from ape import chain
from ape.api import AccountAPI, ReceiptAPI
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount

from backend.chain import eip712
from tests.contracts import clock
from tests.contracts.suite import Party, Suite, fund

FACE = 1_000_000_00
TERM = 90
GRACE = 3
CURE = 10
# Of FACE over TERM at grade A: 90 % advanced, 4.35 % a year on a basis of 360, 0.20 % fee.
ADVANCE = 900_000_00
DISCOUNT = 9_787_50
FEE = 1_800_00
NET = 888_412_50

PRODUCTS = (0, 1, 2)  # IRiskPolicy.Product: receivables, credit lines, leases
CASH = 1  # number of the suite's settlement currency
DOCUMENT = bytes.fromhex("d0" * 32)
REASON = bytes.fromhex("e0" * 32)
NOBODY = "0x" + "0" * 40
PURSE = 10**15
PAYERS = ("core_enterprise", "core_enterprise2", "supplier", "supplier2", "supplier3", "stranger")

PERMIT_TYPE = [
    {"name": "owner", "type": "address"},
    {"name": "spender", "type": "address"},
    {"name": "value", "type": "uint256"},
    {"name": "nonce", "type": "uint256"},
    {"name": "deadline", "type": "uint256"},
]


class State(IntEnum):
    """IReceivables.State."""

    NONE = 0
    REGISTERED = 1
    CONFIRMED = 2
    FINANCED = 3
    DISPUTED = 4
    SPLIT = 5
    SETTLED = 6
    REJECTED = 7
    CANCELLED = 8


class Status(IntEnum):
    """IFactoring.Status."""

    NONE = 0
    ACTIVE = 1
    OVERDUE = 2
    DEFAULTED = 3
    WRITTEN_OFF = 4
    REPAID = 5
    RECOVERED = 6


def fingerprint(receivable: int) -> bytes:
    """Of the invoice behind a receivable of this number."""
    return b"invoice".ljust(24, b"\0") + receivable.to_bytes(8)


class Situations:
    """Builders over a deployed suite; amounts in fen, `days` from today to the due day."""

    def __init__(self, suite: Suite, actors: Mapping[str, AccountAPI]) -> None:
        self.suite = suite
        self.actors = actors
        self.receivables = suite.receivables
        self.factoring = suite.factoring
        self.debtor = actors["core_enterprise"]
        self.supplier = actors["supplier"]
        for name in PAYERS:
            fund(suite, actors[name], suite.receivables, PURSE)
            suite.cash.approve(suite.factoring, PURSE, sender=actors[name])

    # RECEIVABLES

    def registration(self, face: int = FACE, days: int = TERM, **changes: Any) -> tuple[Any, ...]:
        """IReceivables.Registration of the next receivable; `changes` by snake-case field."""
        fields = {
            "debtor": int(Party.CORE_ENTERPRISE),
            "due_day": clock.today() + days,
            "face": face,
            "currency": CASH,
            "fingerprint": fingerprint(self.receivables.lastId() + 1),
            "document_hash": DOCUMENT,
        }
        assert changes.keys() <= fields.keys()
        return tuple((fields | changes).values())

    def registered(self, face: int = FACE, days: int = TERM, **changes: Any) -> int:
        self.receivables.register(self.registration(face, days, **changes), sender=self.supplier)
        return self.receivables.lastId()

    def confirmation(self, receivable: int, **changes: Any) -> tuple[Any, ...]:
        """IReceivables.Confirmation as registered; `changes` by field."""
        pool = self.receivables.poolOf(receivable)
        fields = {
            "id": receivable,
            "creditor": pool.creditor,
            "face": self.receivables.partOf(receivable).face,
            "due_day": pool.dueDay,
            "currency": pool.currency,
            "fingerprint": fingerprint(receivable),
        }
        assert changes.keys() <= fields.keys()
        return tuple((fields | changes).values())

    def confirmed(self, face: int = FACE, days: int = TERM, **changes: Any) -> int:
        """Issued by the debtor: confirmed from the start, in one transaction."""
        self.receivables.issue(self.registration(face, days, **changes), self.supplier, sender=self.debtor)
        return self.receivables.lastId()

    def split(self, faces: Sequence[int], days: int = TERM) -> list[int]:
        """The parts of a confirmed receivable; the whole is the number before the first part."""
        whole = self.confirmed(sum(faces), days)
        self.receivables.split(whole, faces, sender=self.supplier)
        return list(range(whole + 1, whole + 1 + len(faces)))

    def disputed(self, face: int = FACE) -> int:
        receivable = self.confirmed(face)
        self.receivables.dispute(receivable, REASON, sender=self.debtor)
        return receivable

    def settle(self, receivable: int, amount: int) -> ReceiptAPI:
        """The debtor pays."""
        return self.receivables.settle(receivable, amount, sender=self.debtor)

    # FINANCINGS

    def finance(self, receivable: int, by: AccountAPI | None = None, min_net: int = 0) -> ReceiptAPI:
        return self.factoring.finance(receivable, min_net, clock.now() + clock.HOUR, sender=by or self.supplier)

    def financed(self, face: int = FACE, days: int = TERM) -> int:
        receivable = self.confirmed(face, days)
        self.finance(receivable)
        return receivable

    def overdue(self, face: int = FACE) -> int:
        """Marked on the first possible day; nothing was paid."""
        receivable = self.financed(face, days=1)
        clock.travel_to_day(self.first_overdue_day(receivable))
        self.factoring.markOverdue(receivable, sender=self.actors["stranger"])
        return receivable

    def noticed(self, face: int = FACE) -> int:
        receivable = self.overdue(face)
        self.factoring.giveNotice(receivable, DOCUMENT, sender=self.actors["risk_officer"])
        return receivable

    def defaulted(self, face: int = FACE) -> int:
        receivable = self.noticed(face)
        clock.pass_days(CURE + 1)
        self.factoring.declareDefault(receivable, sender=self.actors["risk_officer"])
        return receivable

    def written_off(self, face: int = FACE) -> int:
        receivable = self.defaulted(face)
        self.factoring.writeOff(receivable, sender=self.actors["risk_officer"])
        return receivable

    def first_overdue_day(self, receivable: int) -> int:
        financing = self.factoring.financingOf(receivable)
        return financing.dueDay + financing.graceDays + 1

    # READING

    def status(self, receivable: int) -> int:
        return self.factoring.financingOf(receivable).status

    def state(self, receivable: int) -> int:
        return self.receivables.partOf(receivable).state

    def dust(self, holders: Sequence[AccountAPI]) -> int:
        """Cash in Receivables that nobody may claim now: less than a unit for each part of a pool."""
        parts = range(1, self.receivables.lastId() + 1)
        claimable = sum(self.receivables.claimOf(part).claimable for part in parts)
        credits = sum(self.receivables.creditOf(holder, CASH) for holder in holders)
        return self.suite.cash.balanceOf(self.receivables) - claimable - credits

    def check_books(self) -> None:
        """The treasury's book equals its cash, and its total the sum of the parties' debts."""
        book, treasury = self.suite.treasury.book(), self.suite.treasury
        assert self.suite.cash.balanceOf(treasury) == book.cash + book.cover
        owed = sum(treasury.accountOf(party).outstanding for party in Party)
        assert owed == book.outstanding == sum(treasury.outstandingOf(product) for product in PRODUCTS)
        assert book.impaired <= book.outstanding

    # SIGNING

    def sign_confirmation(
        self, receivable: int, key: LocalAccount, deadline: int, debtor: int = Party.CORE_ENTERPRISE, **domain: Any
    ) -> bytes:
        """A wallet's EIP-712 signature over the registered figures; `domain` changes EIP-712 fields."""
        names = [field["name"] for field in eip712.CONFIRMATION_TYPE if field["name"] not in {"debtor", "deadline"}]
        message = dict(zip(names, self.confirmation(receivable), strict=True)) | {
            "debtor": debtor,
            "deadline": deadline,
        }
        place = {"chainId": chain.chain_id, "verifyingContract": self.receivables.address}
        full_domain = {"name": "Heqi Receivables", "version": "1"} | place | domain
        typed = encode_typed_data(full_domain, {"Confirmation": eip712.CONFIRMATION_TYPE}, message)
        return bytes(key.sign_message(typed).signature)

    def permit(self, key: LocalAccount, spender: Any, value: int, deadline: int) -> tuple[Any, ...]:
        """Cash.Permit signed by the owner of the cash."""
        cash = self.suite.cash
        domain = {"name": cash.name(), "version": "1", "chainId": chain.chain_id, "verifyingContract": cash.address}
        nonce = cash.nonces(key.address)
        message = {"owner": key.address, "spender": spender.address, "value": value}
        typed = encode_typed_data(domain, {"Permit": PERMIT_TYPE}, message | {"nonce": nonce, "deadline": deadline})
        signed = key.sign_message(typed)
        return value, deadline, signed.v, signed.r.to_bytes(32), signed.s.to_bytes(32)
