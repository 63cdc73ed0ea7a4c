"""Everybody in the market, with the wallet each signs with, and what they do: for the story and the demo.

Money moves by transactions that the people sign themselves; everything is looked up over HTTP, as a dApp would.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import requests
from eth_account.messages import encode_typed_data
from sqlalchemy import Engine

from backend import days, store
from backend.chain import eip712
from backend.chain.contracts import Event
from backend.chain.keys import development_key
from backend.chain.wallet import Receipt, Wallet
from backend.errors import HeqiError
from backend.oracle.statements import file_statement
from scripts._session import open_session
from scripts.stack import CHAIN_ID, Stack

DAY_S = 86_400
DELAY_S = 3_600  # of the bank's delayed roles on local chains
NOON_IN_BEIJING_S = 4 * 3_600  # after midnight UTC, where a day number begins
PATIENCE_S = 600.0  # longer than the leader of readings gathers, and puts a machine aside
POLL_S = 0.1
SUPPLIER, CORE_ENTERPRISE, LENDER, COVER_PROVIDER, MERCHANT, LESSEE, MANUFACTURER = 1, 2, 4, 8, 16, 32, 64
SCORING, TRAINING = 0, 1  # ICreditOracle.Purpose
CURRENCY = 1
OFFICERS = {
    "admin": 1,
    "risk_officer": 2,
    "risk_manager": 3,
    "compliance": 4,
    "compliance_release": 5,
    "guardian": 6,
}
LIMIT = 50_000_000_00
# open, recourse, registrationRequired, maxTermDays, basis, graceDays, cureDays, late rate, late cap, impairment
FACILITY = (True, True, False, 180, 360, 3, 10, 1_800, 1_000, 2_500)


class Unexpected(HeqiError):
    notice_en = "{what}: expected {expected}, found {found}."
    notice_zh = "{what}：应为 {expected}，实际为 {found}。"


class WaitedTooLong(HeqiError):
    notice_en = "Waited {seconds} s for: {what}."
    notice_zh = "等待 {seconds} 秒仍未出现：{what}。"


class ApiProblem(HeqiError):
    notice_en = "{path} answered {status}: {detail}"
    notice_zh = "{path} 返回 {status}：{detail}"


def expect(what: str, found: Any, expected: Any) -> None:
    """Raises Unexpected."""
    if found != expected:
        raise Unexpected(what=what, expected=expected, found=found)


def text_hash(text: str) -> bytes:
    """What the chain keeps of a document."""
    return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True)
class Person:
    """A party with its wallet. `name` and `name_zh` are for the reader only; the chain knows the number."""

    name: str
    name_zh: str
    party: int
    wallet: Wallet

    @property
    def address(self) -> str:
        return self.wallet.address


@dataclass(frozen=True)
class Role:
    """Somebody to be admitted: development account `account` with the role bits `roles`."""

    name: str
    name_zh: str
    account: int
    roles: int


@dataclass(frozen=True)
class Invoice:
    number: str
    total: str
    issue_date: date = date(2026, 11, 2)
    currency: str = "CNY"


class Api:
    """The backend over HTTP."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._session = open_session(stack.place.api_url)

    def get(self, path: str, **query: Any) -> Any:
        """Raises ApiProblem."""
        return read_answer(path, self._session.get(self._stack.place.api_url + path, params=query, timeout=30))

    def post(self, path: str, body: Any) -> Any:
        """Raises ApiProblem."""
        return read_answer(path, self._session.post(self._stack.place.api_url + path, json=body, timeout=30))

    def problem(self, path: str) -> dict[str, Any]:
        """The problem that the route answers with."""
        answer = self._session.get(self._stack.place.api_url + path, timeout=30)
        expect(f"{path} answers with a problem", answer.ok, False)
        return answer.json()


class Market:
    """A running stack with people on it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.suite = stack.suite
        self.rpc = stack.rpc
        self.api = Api(stack)

    @cached_property
    def engine(self) -> Engine:
        """The backend's database: statements are filed there, nothing else is taken from it."""
        return store.connect(self.stack.settings.database_url.get_secret_value())

    # Time

    def now(self) -> int:
        return self.rpc.header("latest").timestamp

    def today(self) -> int:
        return days.day_of(self.now())

    def travel(self, seconds: int) -> None:
        """Let time pass on the chain."""
        self.rpc.call("evm_increaseTime", seconds)
        self.rpc.call("anvil_mine", "0x1")
        self.catch_up()

    def travel_to(self, day: int) -> None:
        """To noon of a day."""
        self.travel(day * DAY_S + NOON_IN_BEIJING_S - self.now())

    def until(self, what: str, is_true: Callable[[], Any]) -> Any:
        """Wait for the backend; returns what `is_true` found. Raises WaitedTooLong, ProcessEnded."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := is_true()):
            self.stack.require_running()
            if time.monotonic() > deadline:
                raise WaitedTooLong(what=what, seconds=PATIENCE_S)
            time.sleep(POLL_S)
        return found

    def catch_up(self) -> None:
        """Wait until the API shows everything that is on the chain now."""
        head = self.rpc.header("latest").number
        self.until(f"block {head} in the read model", lambda: self.api.get("/v1/status")["indexed"]["number"] >= head)

    # People

    def wallet(self, account: int) -> Wallet:
        return Wallet(self.rpc, self.suite, development_key(account))

    def officer(self, role: str) -> Wallet:
        return self.wallet(OFFICERS[role])

    def admit(self, role: Role) -> Person:
        """Compliance verifies a party for a year."""
        wallet = self.wallet(role.account)
        until = self.now() + 365 * DAY_S
        kyc = text_hash(f"KYC file of {role.name}")
        receipt = self.officer("compliance").send("Participants", "admit", wallet.address, role.roles, until, kyc)
        return Person(role.name, role.name_zh, receipt.event("PartyAdmitted")["party"], wallet)

    def known(self, role: Role) -> Person:
        """Somebody who was admitted before."""
        wallet = self.wallet(role.account)
        party = int(self.suite.call(self.rpc, "Participants", "partyOf", wallet.address))
        return Person(role.name, role.name_zh, party, wallet)

    def delayed(self, role: str, calls: Sequence[tuple[str, str, tuple[Any, ...]]]) -> None:
        """Schedule calls of a delayed role, wait until they may run, and make them."""
        officer = self.officer(role)
        for contract, function, arguments in calls:
            data = self.suite.calldata(contract, function, *arguments)
            officer.send("Authority", "schedule", self.suite.address(contract), data, 0)
        self.travel(DELAY_S)
        for contract, function, arguments in calls:
            officer.send(contract, function, *arguments)

    def open_facilities(self, debtors: Sequence[Person], limit: int = LIMIT) -> None:
        """The bank's risk manager sets limit and facility, in force after the delay."""
        calls = [("Treasury", "setLimit", (debtor.party, limit)) for debtor in debtors]
        calls += [("Factoring", "setFacility", (debtor.party, FACILITY)) for debtor in debtors]
        self.delayed("risk_manager", calls)

    # Scores

    def consent(self, debtor: Person) -> None:
        text = text_hash("The bank may score us from the statements we file.")
        debtor.wallet.send("CreditOracle", "grantConsent", SCORING, text)
        self.catch_up()

    def file(self, debtor: Person, company: str) -> None:
        """The enterprise files a statement: the figures of a real company."""
        file_statement(self.engine, self.rpc, debtor.party, company)

    def score(self, person: Person) -> dict[str, Any]:
        return self.api.get(f"/v1/parties/{person.party}/score")

    def next_score(self, person: Person, after: int) -> dict[str, Any]:
        """Wait for a score with a higher sequence than `after`; it comes from three signers, over the chain."""

        def arrived() -> dict[str, Any] | None:
            found = self.score(person)
            return found if found["sequence"] > after else None

        return self.until(f"a score of {person.name} after sequence {after}", arrived)

    # Money

    def mint(self, wallet: Wallet, amount: int, spender: str) -> None:
        """Test cash for a wallet, which lets a contract take it."""
        wallet.send("MockCash", "mint", wallet.address, amount)
        wallet.send("MockCash", "approve", self.suite.address(spender), amount)

    def cash(self, address: str) -> int:
        return int(self.suite.call(self.rpc, "MockCash", "balanceOf", address))

    # Receivables

    def fingerprint(self, person: Person, debtor: Person, invoice: Invoice) -> dict[str, Any]:
        """What the API answers to a request that the person signs."""
        request = {
            "debtor": debtor.party,
            "code": "",
            "number": invoice.number,
            "issueDate": invoice.issue_date.isoformat(),
            "total": invoice.total,
            "currency": invoice.currency,
            "issuedAt": int(time.time()),
        }
        typed = self.api.get("/v1/config")["fingerprintRequest"] | {"message": request}
        named = ("number", "total", "currency")
        body = {
            "debtor": debtor.party,
            "invoice": {name: request[name] for name in named} | {"issueDate": request["issueDate"]},
            "issuedAt": request["issuedAt"],
            "wallet": person.address,
            "signature": _sign(person.wallet, typed),
        }
        return self.api.post("/v1/fingerprints", body)

    def register(self, supplier: Person, debtor: Person, invoice: Invoice, due_day: int) -> Event:
        """The supplier registers its claim; returns ReceivableRegistered."""
        fingerprint = self.fingerprint(supplier, debtor, invoice)["fingerprint"]
        registration = self.registration(debtor, invoice, due_day, fingerprint)
        return supplier.wallet.send("Receivables", "register", registration).event("ReceivableRegistered")

    def registration(self, debtor: Person, invoice: Invoice, due_day: int, fingerprint: str) -> dict[str, Any]:
        return {
            "debtor": debtor.party,
            "dueDay": due_day,
            "face": fen(invoice.total),
            "currency": CURRENCY,
            "fingerprint": fingerprint,
            "documentHash": text_hash(f"Papers of invoice {invoice.number}"),
        }

    def confirm(self, debtor: Person, registered: Event) -> Receipt:
        """The debtor confirms with a transaction of its own."""
        return debtor.wallet.send("Receivables", "confirm", _confirmation(registered))

    def confirm_by_signature(self, debtor: Person, registered: Event, relayer: Person) -> Receipt:
        """The debtor signs, somebody else pays the gas."""
        confirmation = _confirmation(registered)
        deadline = self.now() + DAY_S
        receivables = self.suite.address("Receivables")
        typed = eip712.confirmation(confirmation, debtor.party, deadline, receivables, CHAIN_ID)
        arguments = (confirmation, debtor.address, deadline, _sign(debtor.wallet, typed))
        return relayer.wallet.send("Receivables", "confirmBySignature", *arguments)

    def confirmed(self, supplier: Person, debtor: Person, invoice: Invoice, due_day: int) -> int:
        """Registered and confirmed; returns the receivable's number."""
        registered = self.register(supplier, debtor, invoice, due_day)
        self.confirm(debtor, registered)
        self.catch_up()
        return int(registered["id"])

    def quote(self, receivable: int) -> dict[str, Any]:
        return self.api.get(f"/v1/receivables/{receivable}/quote")

    def finance(self, holder: Person, receivable: int, net: int) -> Receipt:
        """The holder signs the net amount that the quote showed, good for ten minutes."""
        receipt = holder.wallet.send("Factoring", "finance", receivable, net, self.now() + 600)
        self.catch_up()
        return receipt

    def settle(self, debtor: Person, receivable: int, amount: int) -> Receipt:
        """The debtor pays; the keeper delivers the money to those it belongs to."""
        self.mint(debtor.wallet, amount, "Receivables")
        receipt = debtor.wallet.send("Receivables", "settle", receivable, amount)
        self.catch_up()
        return receipt

    def receivable(self, number: int) -> dict[str, Any]:
        return self.api.get(f"/v1/receivables/{number}")

    def financing(self, receivable: int) -> dict[str, Any]:
        return self.api.get(f"/v1/financings/{receivable}")


def read_answer(path: str, answer: requests.Response) -> Any:
    """The answer's JSON. Raises ApiProblem."""
    if not answer.ok:
        raise ApiProblem(path=path, status=answer.status_code, detail=answer.text[:500])
    return answer.json()


def fen(yuan: str) -> int:
    """`1234.50` yuan in the cash's smallest unit."""
    whole, _, cents = yuan.replace(",", "").partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0"))


def yuan(amount: int | str) -> str:
    """Amount in the smallest unit as `1,234.50`."""
    return f"{int(amount) // 100:,}.{int(amount) % 100:02d}"


def _confirmation(registered: Event) -> dict[str, Any]:
    registration = registered["registration"]
    shared = {name: registration[name] for name in ("face", "dueDay", "currency", "fingerprint")}
    return {"id": registered["id"], "creditor": registered["creditor"]} | shared


def _sign(wallet: Wallet, typed: dict[str, Any]) -> str:
    domain = {field["name"]: typed["domain"][field["name"]] for field in typed["types"]["EIP712Domain"]}
    signed = wallet.account.sign_message(encode_typed_data(full_message=typed | {"domain": domain}))
    return "0x" + bytes(signed.signature).hex()
