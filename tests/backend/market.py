"""The whole suite on a test's chain, open for business: parties, facility, limits, lenders' money, signed scores."""

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

from backend import days
from backend.chain import abi, reports
from backend.chain.contracts import Suite
from backend.chain.keys import development_key
from backend.chain.reverts import contract_error
from backend.chain.rpc import Rpc
from backend.oracle.view import LANE
from scripts import plan
from scripts._artifacts import Artifacts
from tests.anvil import LOCAL_CHAIN_ID, Node

SUPPLIER, CORE_ENTERPRISE, LENDER, COVER_PROVIDER, MERCHANT, LESSEE, MANUFACTURER = 1, 2, 4, 8, 16, 32, 64
SCORING, TRAINING = 0, 1  # ICreditOracle.Purpose
YUAN = 100
MILLION = 1_000_000 * YUAN
CONSENT_TEXT = "0x" + "c0" * 32
FACILITY = (True, True, False, 180, 360, 3, 10, 1_800, 1_000, 2_500)
MODEL = 1
UNLIMITED = 2**256 - 1

# Anvil's unlocked accounts by role. The bank deployed the suite and may call everything, without delays.
ACCOUNTS = {
    "bank": 0,
    "core_enterprise": 1,
    "supplier": 2,
    "second_supplier": 3,
    "third_supplier": 4,
    "lender": 5,
    "cover_provider": 6,
    "second_core_enterprise": 7,
    "stranger": 8,
    "new_wallet": 9,
    "merchant": 10,
    "second_merchant": 11,
    "lessor": 12,
    "lessee": 13,
    "buyer": 14,
}
KEYS = {name: development_key(index) for name, index in ACCOUNTS.items()}
ADDRESSES = {name: key.address for name, key in KEYS.items()}
PARTIES = {
    "core_enterprise": (1, CORE_ENTERPRISE),
    "supplier": (2, SUPPLIER),
    "second_supplier": (3, SUPPLIER),
    "third_supplier": (4, SUPPLIER),
    "lender": (5, LENDER),
    "cover_provider": (6, COVER_PROVIDER),
    "second_core_enterprise": (7, CORE_ENTERPRISE),
}
MERCHANT_LIMIT = 5 * MILLION  # over all products


class Refused(Exception):
    """A transaction would revert; `error` is the contract's."""

    def __init__(self, error: Any) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass
class Executor:
    """`plan.Executor` over Anvil's unlocked accounts."""

    node: Node
    deployer: str
    artifacts: Artifacts = field(default_factory=Artifacts.load)
    contracts: dict[str, str] = field(default_factory=dict)

    def abi(self, contract: str) -> Any:
        return self.artifacts.abi(contract)

    def deploy(self, contract: str, arguments: Any) -> str:
        code = self.artifacts.creation_code(contract) + self.artifacts.encode_constructor(contract, arguments)
        receipt = transact(self.node, self.deployer, None, code)
        self.contracts[contract] = receipt["contractAddress"]
        return abi.checksum(receipt["contractAddress"])

    def attach(self, contract: str, address: str) -> None:
        self.contracts[contract] = address

    def call(self, contract: str, function: str, arguments: Any) -> None:
        data = abi.encode_call(self.artifacts.function(contract, function), arguments)
        transact(self.node, self.deployer, self.contracts[contract], data)


def transact(node: Node, sender: str, to: str | None, data: bytes) -> dict[str, Any]:
    """The receipt. Raises Refused."""
    request = {"from": sender, "data": "0x" + data.hex(), "gas": hex(15_000_000)} | ({"to": to} if to else {})
    receipt = node.receipt(node.rpc("eth_sendTransaction", request))
    if receipt["status"] != "0x1":
        call = {key: value for key, value in request.items() if key != "gas"}
        raise Refused(_reason(node, call, int(receipt["blockNumber"], 16)))
    return receipt


def _reason(node: Node, call: dict[str, Any], block: int) -> Any:
    try:
        node.rpc("eth_call", call, hex(block))
    except Exception as refusal:
        data = str(refusal).partition("'data': '0x")[2].partition("'")[0]
        return contract_error(bytes.fromhex(data))
    return None


class Market:
    """`send("supplier", "Receivables", "register", …)`: actors by role, contracts and functions by name."""

    def __init__(self, node: Node) -> None:
        self.node = node
        executor = Executor(node, ADDRESSES["bank"])
        self.parameters = plan.local_parameters()
        addresses = plan.deploy(executor, self.parameters)
        for call in plan.wiring(self.parameters, addresses, executor.deployer):
            executor.call(call.contract, call.function, call.arguments)
        self.record = {
            "chainId": LOCAL_CHAIN_ID,
            "genesisHash": node.rpc("eth_getBlockByNumber", "0x0", False)["hash"],
            "network": "local",
            "startBlock": 1,
            "contracts": {name: {"address": address} for name, address in addresses.items()},
        }
        abis = {name: executor.abi(name) for name in addresses}
        self.suite = Suite(self.record, abis)
        self.rpc = Rpc([node.url], LOCAL_CHAIN_ID)
        signers = {development_key(index).address: development_key(index) for index in range(20)}
        self.signers = [signers[address] for address in self.parameters.signers[: self.parameters.threshold]]
        self._sequences = itertools.count(1)
        self._invoices = itertools.count(1)
        self.fingerprints: dict[int, str] = {}

    def send(self, who: str, contract: str, function: str, *arguments: Any) -> dict[str, Any]:
        """The receipt. Raises Refused."""
        data = self.suite.calldata(contract, function, *arguments)
        return transact(self.node, ADDRESSES[who], self.suite.address(contract), data)

    def read(self, contract: str, function: str, *arguments: Any) -> Any:
        return self.suite.call(self.rpc, contract, function, *arguments)

    def now(self) -> int:
        return self.rpc.header("latest").timestamp

    def today(self) -> int:
        return days.day_of(self.now())

    def travel(self, days_: int) -> None:
        self.node.rpc("evm_increaseTime", days_ * days.DAY_S)
        self.node.mine()

    # Opening

    def open(self) -> "Market":
        """Everybody admitted, the core enterprise scored, money lent."""
        for name, (_, roles) in PARTIES.items():
            valid_until = self.now() + 2 * 365 * days.DAY_S
            kyc_hash = "0x" + f"{ACCOUNTS[name]:02x}" * 32
            self.send("bank", "Participants", "admit", ADDRESSES[name], roles, valid_until, kyc_hash)
            self.send("bank", "MockCash", "mint", ADDRESSES[name], 50 * MILLION)
            for spender in ("Receivables", "Factoring", "Treasury"):
                self.send(name, "MockCash", "approve", self.suite.address(spender), UNLIMITED)
        for name in ("core_enterprise", "second_core_enterprise"):
            party = PARTIES[name][0]
            self.send("bank", "Factoring", "setFacility", party, FACILITY)
            self.send("bank", "Treasury", "setLimit", party, 30 * MILLION)
            self.send(name, "CreditOracle", "grantConsent", SCORING, CONSENT_TEXT)
        self.score({1: 720, 7: 660})
        self.send("lender", "Treasury", "deposit", 40 * MILLION, ADDRESSES["lender"])
        self.send("cover_provider", "Treasury", "depositCover", MILLION)
        return self

    def admit_merchant(self, who: str = "merchant") -> int:
        """Verified, with a limit over all products, cash and consent to scoring, but no score; the party's number."""
        valid_until, spender = self.now() + 2 * 365 * days.DAY_S, self.suite.address("CreditLine")
        self.send("bank", "Participants", "admit", ADDRESSES[who], MERCHANT, valid_until, "0x" + "0a" * 32)
        party = int(self.read("Participants", "partyCount"))
        self.send("bank", "Treasury", "setLimit", party, MERCHANT_LIMIT)
        self.send("bank", "MockCash", "mint", ADDRESSES[who], MILLION)
        self.send(who, "MockCash", "approve", spender, UNLIMITED)
        self.send(who, "CreditOracle", "grantConsent", SCORING, CONSENT_TEXT)
        return party

    def open_line(self, reported_yuan: int = 200_000, value: int = 720, who: str = "merchant") -> int:
        """A merchant admitted and scored, with an open line of that reported limit; the party's number."""
        party = self.admit_merchant(who)
        self.score({party: value}, limit_code=reports.encode_limit(reported_yuan))
        self.send(who, "CreditLine", "open", self.agreement())
        return party

    def agreement(self) -> str:
        agreement: str = self.read("CreditLine", "conditions")["agreementHash"]
        return agreement

    def draw(self, amount: int, who: str = "merchant") -> dict[str, Any]:
        return self.send(who, "CreditLine", "draw", amount, 0, 2_400, self.now() + 3_600)

    def score(self, values: dict[int, int], **changes: Any) -> dict[str, Any]:
        """Report scores by party; `changes` replace fields of every record."""
        return self.report([self.record_of(party, value, **changes) for party, value in values.items()])

    def record_of(self, party: int, value: int, **changes: Any) -> reports.ScoreRecord:
        fields = {
            "party": party,
            "value": value,
            "pd_ppm": 20_000,
            "limit_code": reports.encode_limit(20_000_000),
            "sequence": next(self._sequences),
            "reasons": (2, 7),
            "consent_epoch": 1,
        }
        return reports.ScoreRecord(**(fields | changes))

    def report(self, records: list[reports.ScoreRecord]) -> dict[str, Any]:
        now = self.now()
        report = reports.ScoreReport(
            round=self.read("CreditOracle", "lastRound", LANE) + 1,
            signer_set=self.read("CreditOracle", "signerSet"),
            deadline=now + 3_600,
            model_id=self.parameters.models[0].id,
            issued_at=now,
            valid_until=now + 30 * days.DAY_S,
            records=tuple(reports.encode_record(record) for record in records),
        )
        oracle = self.suite.address("CreditOracle")
        signatures = {key.address: reports.sign(report, LOCAL_CHAIN_ID, oracle, key) for key in self.signers}
        message = reports.message_of(report)
        return self.send("stranger", "CreditOracle", "submitScores", message, reports.in_order(signatures))

    def rotate_signers(self, oracle: str) -> None:
        """A new set of the same people; it counts its rounds from one."""
        signers = sorted(self.parameters.signers, key=str.lower)
        self.send("bank", oracle, "setSigners", signers, self.parameters.threshold)

    # Receivables

    def register(self, face: int, term: int = 90, who: str = "supplier", debtor: int = 1) -> int:
        """A registered receivable; returns its number."""
        number = next(self._invoices)
        fingerprint, document = "0x" + f"{number:064x}", "0x" + f"{number:02x}".rjust(4, "d") * 16
        registration = (debtor, self.today() + term, face, 1, fingerprint, document)
        self.send(who, "Receivables", "register", registration)
        id_ = int(self.read("Receivables", "lastId"))
        self.fingerprints[id_] = fingerprint
        return id_

    def confirm(self, id_: int, who: str = "core_enterprise") -> int:
        part, pool = self.read("Receivables", "partOf", id_), self.read("Receivables", "poolOf", id_)
        confirmation = {
            "id": id_,
            "creditor": pool["creditor"],
            "face": part["face"],
            "dueDay": pool["dueDay"],
            "currency": pool["currency"],
            "fingerprint": self.fingerprints[id_],
        }
        self.send(who, "Receivables", "confirm", confirmation)
        return id_

    def confirmed(self, face: int, term: int = 90, who: str = "supplier", debtor: int = 1) -> int:
        debtor_name = "core_enterprise" if debtor == 1 else "second_core_enterprise"
        return self.confirm(self.register(face, term, who, debtor), debtor_name)

    def split(self, id_: int, faces: list[int], who: str = "supplier") -> list[int]:
        self.send(who, "Receivables", "split", id_, faces)
        last = int(self.read("Receivables", "lastId"))
        return list(range(last - len(faces) + 1, last + 1))

    def finance(self, id_: int, who: str = "supplier") -> dict[str, Any]:
        return self.send(who, "Factoring", "finance", id_, 0, self.now() + 3_600)

    def pass_on(self, id_: int, giver: str, taker: str) -> dict[str, Any]:
        wallets = (ADDRESSES[giver], ADDRESSES[taker])
        return self.send(giver, "Receivables", "transferFrom", *wallets, id_)

    def wall_clock(self) -> None:
        """Let the chain's time be the present."""
        self.node.rpc("evm_setNextBlockTimestamp", max(int(time.time()), self.now() + 1))
        self.node.mine()
