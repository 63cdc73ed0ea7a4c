"""Lives of a lease as a seeded driver makes them up: whatever happens, the projection and the account follow."""

import random
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from backend import days, store
from backend.readmodel import leases
from tests import anvil
from tests.backend.market import ADDRESSES, LESSEE, MANUFACTURER, MILLION, YUAN, Market, Refused
from tests.backend.readmodel.mirror import differences, indexing
from tests.backend.rentals import PAPER, PRICE, REASON, Rentals

STEPS = 70
MOST = 2**96 - 1
# Seeds under which the lives together contain every step.
SEEDS = (35, 3, 24, 31, 19)


class Life:
    """One lease and what may be done to it; a step that the contracts refuse changes nothing."""

    def __init__(self, rentals: Rentals, seed: int) -> None:
        self.rentals, self.market = rentals, rentals.market
        self.dice = random.Random(seed)
        until = self.market.now() + 2 * 365 * days.DAY_S
        for party, roles in ((rentals.lessor, MANUFACTURER), (rentals.lessee, LESSEE), (rentals.buyer, LESSEE)):
            rentals.send("bank", "Participants", "renew", party, roles, until, PAPER)
        self.machine = rentals.machine()
        self.lease = rentals.delivered(self.machine, periods=self.dice.choice([3, 6]))
        self.done: Counter[str] = Counter()
        self.steps: dict[str, tuple[float, Callable[[], object]]] = {
            "finance": (2, lambda: rentals.finance(self.lease)),
            "work": (6, lambda: rentals.hear(self.machine, self.dice.choice([0, 50, 700, 1_500]))),
            "wait": (10, lambda: self.market.travel(self.dice.choice([1, 5, 11, 15, 31, 31]))),
            "accrue": (3, lambda: rentals.send("stranger", "RentLedger", "accrue", [self.lease])),
            "pay": (self.dice.choice([1, 8]), self.pay),
            "repay": (1, lambda: rentals.send("lessor", "LeaseFinance", "repay", self.lease, 50_000 * YUAN)),
            "release": (1, lambda: rentals.send("stranger", "RentLedger", "release", self.lease)),
            "releaseCredit": (1, lambda: rentals.send("stranger", "RentLedger", "releaseCredit", self.lease)),
            "markOverdue": (3, lambda: rentals.send("stranger", "LeaseFinance", "markOverdue", self.lease)),
            "markDefaulted": (3, lambda: rentals.send("stranger", "LeaseFinance", "markDefaulted", self.lease)),
            "writeOff": (2, lambda: rentals.send("bank", "LeaseFinance", "writeOff", self.lease)),
            "giveNotice": (5, lambda: self.claim("giveNotice", PAPER)),
            "lock": (4, self.lock),
            "unlock": (1, lambda: self.claim("unlock")),
            "declareDefault": (5, lambda: self.claim("declareDefault")),
            "accelerate": (2, lambda: self.claim("accelerate")),
            "rescind": (2, lambda: self.claim("rescind")),
            "sell": (3, self.sell),
            "dispute": (1, lambda: rentals.send("lessee", "EquipmentLease", "dispute", self.lease, REASON)),
            "resolve": (4, self.resolve),
            "buyOut": (0.2, lambda: rentals.send("lessee", "EquipmentLease", "buyOut", self.lease, MOST)),
            "declareReturn": (3, lambda: rentals.send("lessee", "EquipmentLease", "declareReturn", self.lease, PAPER)),
            "confirmReturn": (2, lambda: rentals.send("stranger", "EquipmentLease", "confirmReturn", self.lease)),
        }

    def step(self) -> str | None:
        """The name of what was done; None when it was refused."""
        weights = [weight for weight, _ in self.steps.values()]
        name = self.dice.choices(list(self.steps), weights)[0]
        try:
            self.steps[name][1]()
        except Refused:
            return None
        self.done[name] += 1
        return name

    def end(self) -> None:
        """Everything is decided and paid, so that the next life begins with a lessee in order."""
        if self.market.read("EquipmentLease", "leaseOf", self.lease)["disputed"]:
            self.rentals.send("bank", "EquipmentLease", "resolveDispute", self.lease, 0, PAPER)
        if any(self.market.read("RentLedger", "owedOf", self.lease)[part] for part in ("rent", "late")):
            self.rentals.send("lessee", "RentLedger", "pay", self.lease, MOST)
        if self.market.read("LeaseFinance", "owedOf", self.lease):
            self.rentals.send("lessor", "LeaseFinance", "repay", self.lease, MOST)

    def claim(self, function: str, *arguments: str) -> None:
        """As the creditor: the bank while the rent is assigned to it."""
        is_assigned = int(self.market.read("RentLedger", "assigneeOf", self.lease), 16)
        self.rentals.send("bank" if is_assigned else "lessor", "EquipmentLease", function, self.lease, *arguments)

    def lock(self) -> None:
        self.rentals.hear(self.machine)
        self.claim("lock")

    def pay(self) -> None:
        owed = self.market.read("RentLedger", "owedOf", self.lease)
        amounts = [1, owed["late"], owed["overdue"] + owed["late"], owed["rent"] // 3, MOST, MOST]
        self.rentals.send("lessee", "RentLedger", "pay", self.lease, self.dice.choice(amounts))

    def resolve(self) -> None:
        rent = self.market.read("RentLedger", "owedOf", self.lease)["rent"]
        amount = self.dice.choice([0, 1, rent // 2])
        self.rentals.send("bank", "EquipmentLease", "resolveDispute", self.lease, amount, PAPER)

    def sell(self) -> None:
        self.claim("offerSale", ADDRESSES["buyer"], self.dice.choice([PRICE // 9, PRICE, 2 * PRICE]), PAPER)
        self.rentals.send("buyer", "EquipmentLease", "buy", self.lease, MOST)


def assert_account_is_the_chains(life: Life, engine: Engine) -> None:
    """Without the periods that nobody has closed yet, which are in no event."""
    owed = life.market.read("RentLedger", "owedOf", life.lease)
    account = life.market.read("RentLedger", "accountOf", life.lease)
    with store.reading(engine) as tx:
        lease = leases.found(tx, life.lease)
        _, entries = leases.account(tx, life.lease, 0, 10**9)
    assert lease is not None
    balance = 0
    for entry in entries:
        amount = entry["rent"] + entry["late"]
        balance += -amount if entry["kind"] in (leases.PAYMENT, leases.CREDIT) else amount
        assert entry["balance"] == balance
    assert balance + account["charged"] - lease["charged"] == owed["rent"]
    assert lease["charged"] - lease["credited"] - lease["paid"] == balance


@pytest.fixture
def rentals(node: anvil.Node) -> Rentals:
    """At noon: a seed's life does not depend on when the test runs."""
    market = Market(node).open()
    node.rpc("evm_increaseTime", (days.DAY_S // 2 - market.now() - days.BEIJING_S) % days.DAY_S)
    node.mine()
    rentals = Rentals(market)
    market.send("bank", "MockCash", "mint", ADDRESSES["lessee"], 50 * MILLION)
    return rentals


def test_the_account_is_the_chains_after_every_step_of_a_life(rentals: Rentals, engine: Engine):
    market, seen = rentals.market, Counter[str]()
    with indexing(market, engine) as indexer:
        for seed in SEEDS:
            life = Life(rentals, seed)
            for _ in range(STEPS):
                if life.step() is None:
                    continue
                indexer.catch_up()
                assert_account_is_the_chains(life, engine)
            life.end()
            market.send("stranger", "RentLedger", "accrue", list(range(1, life.lease + 1)))
            indexer.catch_up()
            assert differences(market, engine) == []
            seen += life.done
    assert set(seen) == set(life.steps)
