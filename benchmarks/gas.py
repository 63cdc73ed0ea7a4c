"""Gas of every operation, to the unit: `python -m benchmarks gas`; `--write` makes the figures the snapshot.

Always the same accounts, days and amounts, in the state a running bank is in: another financing with another due day
is active, the ledger was touched on the same day, balances and allowances are there, scores exist.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from eth_account.messages import encode_typed_data
from eth_utils import keccak

from backend import days
from backend.chain import abi
from tests import anvil
from tests.backend.market import ADDRESSES, CONSENT_TEXT, KEYS, SUPPLIER, YUAN, Executor, Market

SNAPSHOT = Path(__file__).with_name("gas.json")
START = 1_799_028_000  # Monday, 2027-01-04, 10:00 in Beijing
BLOCK_S = 12
HARDFORK = "osaka"  # as in ape-config.yaml: a newer Anvil must not change the figures
FACE = 1_000_000 * YUAN
TERM, OTHER_TERM, EARLY_TERM = 90, 120, 60
GRACE = 3
BATCH, SCORES = 100, 500
SOME_FUNDS = hex(10**18)


@dataclass(frozen=True)
class Yardstick:
    """What a figure is compared with. `peer` is the lowest figure measured of `peer_name`."""

    what: str
    budget: int | None = None
    peer: int | None = None
    peer_name: str = ""


YARDSTICKS = {
    "register": Yardstick("register, with duplicate check", 145_000, 252_911, "Huma v2"),
    "register100": Yardstick("register, batch of 100, per claim"),
    "confirm": Yardstick("confirm", 45_000, 133_928, "Huma v2"),
    "confirm_signed": Yardstick("confirm by relayed signature"),
    "confirm100": Yardstick("confirm, batch of 100, per claim"),
    "issue": Yardstick("issue, confirmed from the start"),
    "split2": Yardstick("split into two", 150_000, 229_835, "ERC-3525"),
    "transfer": Yardstick("pass on"),
    "finance": Yardstick("finance: gate and payout", 230_000, 406_000, "Huma v2"),
    "settle": Yardstick("debtor settles", 150_000, 399_000, "Huma v2"),
    "collect": Yardstick("collect and close the financing", 150_000, 399_000, "Huma v2"),
    "release": Yardstick("remainder to the holder"),
    "life": Yardstick("register, confirm, finance, settle, collect", 600_000, 1_222_000, "Huma v2"),
    "repay": Yardstick("seller repays early, in full", 150_000, 399_000, "Huma v2"),
    "repay_30_idle_days": Yardstick("partial repayment, first booking in 30 days"),
    "mark_overdue": Yardstick("mark overdue"),
    "deposit": Yardstick("lender deposits"),
    "withdraw": Yardstick("lender withdraws"),
    "score500": Yardstick("score, 2-of-3, batch of 500, per score", 6_500, 91_510, "OCR2 transmit"),
    "gate_read": Yardstick("usable score, read by a contract", 10_500),
    "gate_terms": Yardstick("terms for a party, read by a contract"),
}


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gas", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"make the figures the snapshot, {SNAPSHOT.name}")
    arguments = parser.parse_args(argv)
    measured = measure()
    if arguments.write:
        SNAPSHOT.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    print(table(measured))
    for line in deviations(measured, snapshot()):
        print(line)
    print(json.dumps({"gas": measured, "ratio_to_peer": ratios(measured)}))


def measure() -> dict[str, int]:
    """Gas by operation, in the order and under the keys of YARDSTICKS."""
    options = ("--timestamp", str(START), "--hardfork", HARDFORK)
    with anvil.start(options=options) as node:
        node.rpc("anvil_setBlockTimestampInterval", BLOCK_S)
        scene = _Scene(node)
        found = scene.scores() | scene.first_day() | scene.a_month_on() | scene.due_day() | scene.after_grace()
        found |= scene.reads()
    found["life"] = sum(found[step] for step in ("register", "confirm", "finance", "settle", "collect"))
    return {key: found[key] for key in YARDSTICKS}


def snapshot() -> dict[str, int]:
    """The committed figures."""
    figures: dict[str, int] = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    return figures


def deviations(measured: Mapping[str, int], committed: Mapping[str, int]) -> list[str]:
    """A sentence for every figure that is not as committed."""
    found = []
    for key in sorted(measured.keys() | committed.keys()):
        now, before = measured.get(key), committed.get(key)
        if now != before:
            by = f" ({now - before:+,})" if now is not None and before is not None else ""
            found.append(f"{key}: {now} measured, {before} in {SNAPSHOT.name}{by}")
    return found


def ratios(measured: Mapping[str, int]) -> dict[str, float]:
    """Times that the peer's figure is ours, where there is a peer."""
    return {key: round(y.peer / measured[key], 2) for key, y in YARDSTICKS.items() if y.peer is not None}


def table(measured: Mapping[str, int]) -> str:
    """Every figure beside its budget and its peer's."""
    lines = [f"{'':46} {'gas':>9} {'budget':>9} {'peer':>11}"]
    for key, yardstick in YARDSTICKS.items():
        budget = f"{yardstick.budget:,}" if yardstick.budget else ""
        peer = f"{yardstick.peer:,}  {yardstick.peer_name}" if yardstick.peer else ""
        peer += f", × {yardstick.peer / measured[key]:.1f}" if yardstick.peer else ""
        lines.append(f"{yardstick.what:46} {measured[key]:9,} {budget:>9} {peer:>11}".rstrip())
    return "\n".join(lines)


class _Scene:
    """One chain, on which the days of the measurements pass."""

    def __init__(self, node: anvil.Node) -> None:
        self._node = node
        self._market = Market(node).open()
        self._claims: dict[int, tuple[Any, ...]] = {}

    # DAYS

    def scores(self) -> dict[str, int]:
        """All scores exist and are reported anew a day later; two thirds rise or fall by a point or two."""
        first = self._admit_scored_parties()
        records = [self._market.record_of(first + number, 700) for number in range(SCORES)]
        self._market.report(records)
        self._go_to(1)
        records = [self._market.record_of(first + number, 698 + number % 5) for number in range(SCORES)]
        return {"score500": ceil(_gas(self._market.report(records)) / SCORES)}

    def first_day(self) -> dict[str, int]:
        """Everything before payment, on one day; what later days need stays behind."""
        self._market.score({1: 720})
        self._busy = self._financed(OTHER_TERM)
        parked = self._confirmed(OTHER_TERM)
        self._send("core_enterprise", "Receivables", "settle", parked, FACE // 2)
        self._send("second_supplier", "Receivables", "register", self._registration(TERM))
        found = {"issue": self._issue(), "confirm_signed": self._confirm_signed(), **self._batches(), **self._parts()}
        found["deposit"] = self._send("lender", "Treasury", "deposit", FACE, ADDRESSES["lender"])
        lender = ADDRESSES["lender"]
        found["withdraw"] = self._send("lender", "Treasury", "withdraw", FACE, lender, lender)
        early = self._financed(EARLY_TERM)
        self._late = self._financed(TERM)
        found["repay"] = self._send("supplier", "Factoring", "repay", early, FACE)
        return found | self._one_claim()

    def a_month_on(self) -> dict[str, int]:
        """Nothing was booked meanwhile: the earnings of every day are walked."""
        self._go_to(31)
        return {"repay_30_idle_days": self._send("supplier", "Factoring", "repay", self._busy, YUAN)}

    def due_day(self) -> dict[str, int]:
        self._go_to(1 + TERM)
        self._touch_ledger()
        return {
            "settle": self._send("core_enterprise", "Receivables", "settle", self._claim, FACE),
            "collect": self._send("stranger", "Factoring", "collect", self._claim),
            "release": self._send("supplier", "Receivables", "release", self._claim),
        }

    def after_grace(self) -> dict[str, int]:
        self._go_to(1 + TERM + GRACE + 1)
        self._touch_ledger()
        return {"mark_overdue": self._send("stranger", "Factoring", "markOverdue", self._late)}

    def reads(self) -> dict[str, int]:
        """Seen by a contract whose transaction has read nothing yet."""
        self._market.score({1: 720})
        return {
            "gate_read": self._read_gas("CreditOracle", "usableScore", 1),
            "gate_terms": self._read_gas("RiskPolicy", "requireTerms", 0, 1),
        }

    # STEPS

    def _one_claim(self) -> dict[str, int]:
        registered = self._send("supplier", "Receivables", "register", self._registration(TERM))
        self._claim = self._last_id()
        confirmed = self._send("core_enterprise", "Receivables", "confirm", self._confirmation(self._claim))
        financed = self._send("supplier", "Factoring", "finance", self._claim, *self._guards())
        return {"register": registered, "confirm": confirmed, "finance": financed}

    def _issue(self) -> int:
        registration = self._registration(TERM)
        return self._send("core_enterprise", "Receivables", "issue", registration, ADDRESSES["supplier"])

    def _confirm_signed(self) -> int:
        claim = self._registered(TERM)
        confirmation, deadline = self._confirmation(claim), self._market.now() + 3_600
        signature = self._sign(confirmation, deadline)
        signer = ADDRESSES["core_enterprise"]
        return self._send("stranger", "Receivables", "confirmBySignature", confirmation, signer, deadline, signature)

    def _batches(self) -> dict[str, int]:
        registrations = [self._registration(TERM, number) for number in range(1, BATCH + 1)]
        registered = self._send("supplier", "Receivables", "registerBatch", registrations)
        first = self._last_id() - BATCH + 1
        confirmations = [self._confirmation(first + number) for number in range(BATCH)]
        confirmed = self._send("core_enterprise", "Receivables", "confirmBatch", confirmations)
        return {"register100": ceil(registered / BATCH), "confirm100": ceil(confirmed / BATCH)}

    def _parts(self) -> dict[str, int]:
        whole = self._confirmed(TERM)
        halves = self._send("supplier", "Receivables", "split", whole, [FACE // 2, FACE // 2])
        wallets = (ADDRESSES["supplier"], ADDRESSES["second_supplier"])
        passed_on = self._send("supplier", "Receivables", "transferFrom", *wallets, whole + 1)
        return {"split2": halves, "transfer": passed_on}

    def _financed(self, term: int) -> int:
        claim = self._confirmed(term)
        self._send("supplier", "Factoring", "finance", claim, *self._guards())
        return claim

    def _confirmed(self, term: int) -> int:
        claim = self._registered(term)
        self._send("core_enterprise", "Receivables", "confirm", self._confirmation(claim))
        return claim

    def _registered(self, term: int) -> int:
        self._send("supplier", "Receivables", "register", self._registration(term))
        return self._last_id()

    def _touch_ledger(self) -> None:
        self._send("supplier", "Factoring", "repay", self._busy, YUAN)

    # ARGUMENTS

    def _registration(self, term: int, ahead: int = 1) -> tuple[Any, ...]:
        """Of the claim that is registered `ahead` registrations from now; fingerprints are hashes, as real ones are."""
        number = self._last_id() + ahead
        due_day = self._market.today() + term
        fingerprint, document = (_hash(f"{kind} {number}") for kind in ("invoice", "document"))
        self._claims[number] = (number, 2, FACE, due_day, 1, fingerprint)
        return 1, due_day, FACE, 1, fingerprint, document

    def _confirmation(self, claim: int) -> tuple[Any, ...]:
        return self._claims[claim]

    def _guards(self) -> tuple[int, int]:
        """Signed net amount and deadline."""
        return FACE // 2, self._market.now() + 3_600

    def _sign(self, confirmation: tuple[Any, ...], deadline: int) -> str:
        names = ("id", "debtor", "creditor", "face", "dueDay", "currency", "fingerprint", "deadline")
        kinds = ("uint256", "uint32", "uint32", "uint96", "uint32", "uint16", "bytes32", "uint256")
        types = {"Confirmation": [{"name": n, "type": k} for n, k in zip(names, kinds, strict=True)]}
        domain = {
            "name": "Heqi Receivables",
            "version": "1",
            "chainId": anvil.LOCAL_CHAIN_ID,
            "verifyingContract": self._market.suite.address("Receivables"),
        }
        message = dict(zip(names, (confirmation[0], 1, *confirmation[1:], deadline), strict=True))
        return "0x" + KEYS["core_enterprise"].sign_message(encode_typed_data(domain, types, message)).signature.hex()

    # THE CHAIN

    def _admit_scored_parties(self) -> int:
        """Parties with consent, of wallets without keys; returns the first party's number."""
        market, rpc = self._market, self._market.rpc
        wallets = [f"0x{_hash(f'wallet {number}')[-40:]}" for number in range(SCORES)]
        until = START + 2 * 365 * days.DAY_S
        nonce = rpc.transaction_count(ADDRESSES["bank"])
        admit = [
            market.suite.calldata("Participants", "admit", wallet, SUPPLIER, until, _hash(wallet)) for wallet in wallets
        ]
        consent = market.suite.calldata("CreditOracle", "grantConsent", CONSENT_TEXT)
        first = int(market.read("Participants", "partyCount")) + 1
        rpc.call("anvil_autoImpersonateAccount", True)
        rpc.batch([("anvil_setBalance", (wallet, SOME_FUNDS)) for wallet in wallets])
        self._send_all("Participants", [(ADDRESSES["bank"], data, nonce + place) for place, data in enumerate(admit)])
        self._send_all("CreditOracle", [(wallet, consent, 0) for wallet in wallets])
        rpc.call("anvil_autoImpersonateAccount", False)
        self._go_to(0, hour=12)
        return first

    def _send_all(self, contract: str, transactions: list[tuple[str, bytes, int]]) -> None:
        to = self._market.suite.address(contract)
        requests = [
            {"from": sender, "to": to, "data": "0x" + data.hex(), "nonce": hex(nonce), "gas": hex(300_000)}
            for sender, data, nonce in transactions
        ]
        hashes = self._market.rpc.batch([("eth_sendTransaction", (request,)) for request in requests])
        for transaction in hashes:
            if self._node.receipt(transaction)["status"] != "0x1":
                raise anvil.AnvilError(f"{contract}: {transaction} failed")

    def _send(self, who: str, contract: str, function: str, *arguments: Any) -> int:
        return _gas(self._market.send(who, contract, function, *arguments))

    def _read_gas(self, contract: str, function: str, *arguments: Any) -> int:
        executor, suite = Executor(self._node, ADDRESSES["bank"]), self._market.suite
        meter = executor.deploy("MockGasMeter", [])
        target = (suite.address(contract), suite.calldata(contract, function, *arguments))
        data = "0x" + abi.encode_call(executor.artifacts.function("MockGasMeter", "measure"), target).hex()
        return int(self._node.rpc("eth_call", {"to": meter, "data": data}, "latest"), 16)

    def _last_id(self) -> int:
        return int(self._market.read("Receivables", "lastId"))

    def _go_to(self, day: int, hour: int = 10) -> None:
        """Mine a block on a day counted from the first, at an hour in Beijing."""
        self._node.rpc("evm_setNextBlockTimestamp", START + day * days.DAY_S + (hour - 10) * 3_600)
        self._node.mine()


def _gas(receipt: Mapping[str, Any]) -> int:
    return int(receipt["gasUsed"], 16)


def _hash(text: str) -> str:
    return "0x" + keccak(text=text).hex()
