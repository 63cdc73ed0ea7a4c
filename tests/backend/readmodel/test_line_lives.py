"""Lives of a credit line as a seeded driver makes them up: whatever happens, the projection and the account follow."""

import random
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from backend import days, store
from backend.chain.reports import encode_limit
from backend.readmodel import lines, rebuild
from backend.readmodel.projection import shipped
from tests import anvil
from tests.backend.market import Market, Refused
from tests.backend.readmodel.mirror import FINALITY, differences, indexing

# Seeds under which the lives together contain every step.
LIVES = {"merchant": 1, "second_merchant": 15, "new_wallet": 23}
STEPS = 80
# After these the line is booked as of today; between events the chain counts time and the projection does not.
BOOKED = {"draw", "repay", "markDelinquent", "declareDefault", "writeOff", "open"}
HASH = "0x" + "dd" * 32


@pytest.fixture
def market(node: anvil.Node) -> Market:
    """An open market at noon: a seed's life does not depend on when the test runs."""
    opened = Market(node).open()
    node.rpc("evm_increaseTime", (days.DAY_S // 2 - opened.now() - days.BEIJING_S) % days.DAY_S)
    node.mine()
    return opened


class Life:
    """One line and what may be done to it; a step that the contract refuses changes nothing."""

    def __init__(self, market: Market, who: str, seed: int) -> None:
        self.market = market
        self.who = who
        self.dice = random.Random(seed)
        self.party = market.open_line(100_000, who=who)
        self.done: Counter[str] = Counter()
        self.steps: dict[str, tuple[int, Callable[[], object]]] = {
            "draw": (6, self.draw),
            "repay": (8, self.repay),
            "wait": (9, self.wait),
            "accrue": (2, lambda: market.send("stranger", "CreditLine", "accrue", [self.party])),
            "markDelinquent": (5, lambda: market.send("stranger", "CreditLine", "markDelinquent", self.party)),
            "giveNotice": (3, lambda: market.send("bank", "CreditLine", "giveNotice", self.party, HASH)),
            "declareDefault": (3, lambda: market.send("bank", "CreditLine", "declareDefault", self.party)),
            "writeOff": (1, lambda: market.send("bank", "CreditLine", "writeOff", self.party)),
            "freeze": (1, lambda: market.send("bank", "CreditLine", "freeze", self.party, HASH)),
            "unfreeze": (2, lambda: market.send("bank", "CreditLine", "unfreeze", self.party)),
            "syncLimit": (2, self.sync_limit),
            "close": (1, lambda: market.send(who, "CreditLine", "close")),
            "open": (2, self.reopen),
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
        """Everything is paid; a line that caused no loss is closed."""
        if self.market.read("CreditLine", "owedOf", self.party)["total"]:
            self.market.send(self.who, "CreditLine", "repay", self.party, 10**12)
        if self.market.read("CreditLine", "lineOf", self.party)["status"] == lines.STATUSES.index("Open"):
            self.market.send(self.who, "CreditLine", "close")

    def draw(self) -> None:
        self.score(self.dice.choice([60_000, 90_000, 100_000, 130_000]))
        limit = self.market.read("CreditLine", "lineOf", self.party)["limit"]
        self.market.draw(self.dice.choice([1, limit // 7, limit // 3]), self.who)

    def repay(self) -> None:
        owed = self.market.read("CreditLine", "owedOf", self.party)
        amounts = [1, owed["billed"], owed["billed"] // 2, owed["overdue"] + owed["late"], owed["total"] // 3]
        self.market.send(self.who, "CreditLine", "repay", self.party, self.dice.choice([*amounts, 10**12]) or 1)

    def wait(self) -> None:
        self.market.travel(self.dice.choice([1, 5, 10, 11, 11, 30, 31]))

    def sync_limit(self) -> None:
        self.score(self.dice.choice([50_000, 80_000]))
        self.market.send("stranger", "CreditLine", "syncLimit", self.party)

    def reopen(self) -> None:
        self.score(100_000)
        self.market.send(self.who, "CreditLine", "open", self.market.agreement())

    def score(self, yuan: int) -> None:
        self.market.score({self.party: 720}, limit_code=encode_limit(yuan))


def assert_account_is_the_chains(life: Life, engine: Engine) -> None:
    owed = life.market.read("CreditLine", "owedOf", life.party)
    with store.reading(engine) as tx:
        line = lines.found(tx, life.party)
        opening, entries = lines.account(tx, life.party, 0, 10**9)
    assert line is not None
    assert (opening, line["drawn"]) == (0, owed["principal"] if line["status"] in lines.LIVE else 0)
    balance = 0
    for entry in entries:
        amount = sum(entry[part] for part in lines.PARTS)
        balance += -amount if entry["kind"] == lines.PAYMENT else amount
        assert entry["balance"] == balance
    unbilled = owed["interest"] - line["due_interest"]
    assert unbilled >= 0
    assert balance + unbilled + owed["late"] == owed["total"]


def test_the_account_is_the_chains_after_every_step_of_a_life(market: Market, engine: Engine):
    seen: Counter[str] = Counter()
    with indexing(market, engine) as indexer:
        for who, seed in LIVES.items():
            life = Life(market, who, seed)
            for _ in range(STEPS):
                done = life.step()
                indexer.catch_up()
                assert_account_is_the_chains(life, engine)
                if done in BOOKED:
                    assert differences(market, engine) == []
            life.end()
            indexer.catch_up()
            assert differences(market, engine) == []
            seen += life.done
    assert set(seen) == set(life.steps)
    _, tables = rebuild.verify(engine, market.rpc, market.suite, shipped(), FINALITY)
    assert [table.table for table in tables if not table.equal] == []
