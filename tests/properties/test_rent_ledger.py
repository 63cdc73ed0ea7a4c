"""One lease on the contracts beside its night-by-night model: every figure the same after every step, to the unit.

Half of the leases are financed, so that the bank is the creditor and rent repays it first. All money is accounted for.
"""

from collections import Counter
from copy import deepcopy
from random import Random

import pytest

from tests.model import midnight
from tests.properties.lease_chain import BUYER, LENDER, NOTHING, START_TENTHS, LeaseChain
from tests.properties.line_chain import OFFICER, STRANGER, account
from tests.properties.test_rent import tiers_of
from tests.rent_model import DAY_S, RentModel

SEEDS, STEPS = range(48), 80
ACTIVE, OVERDUE, DEFAULTED, RESCINDED = 3, 4, 5, 7
STEP_KINDS = {"pass_time": 6, "report": 5, "poke": 2, "pay": 4, "arrears": 3, "dispute": 1, "release": 1}
"""How often each is tried."""
CREDITORS_STEPS = {"giveNotice", "lock", "declareDefault", "accelerate", "rescind", "offerSale"}


class Pair:
    """The contracts' lease and the model's, moved together."""

    def __init__(self, seed: int) -> None:
        self.random = rng = Random(seed)
        self.chain = chain = LeaseChain()
        self.done: Counter[str] = Counter()
        period_days = rng.choice((7, 14, 30))
        minimum = rng.randrange(1, 2_000_000)
        figures = {
            "minimum": minimum,
            "cap": minimum * rng.choice((1, 2, 5)),
            "periods": rng.choice((3, 12)),
            "periodDays": period_days,
            "dueDays": rng.choice((1, 5, period_days - 1)),
            "lateRateBps": rng.choice((0, 1_800, 2_400)),
        }
        self.deposit = rng.choice((0, minimum, 20 * minimum))
        self.buy_out = rng.choice((0, minimum))
        tiers = tiers_of(rng)
        self.lease = chain.sign(tiers, price=100 * minimum, deposit=self.deposit, buyOutPrice=self.buy_out, **figures)
        self.model = RentModel(tiers, *figures.values(), now=chain.now)
        self.credit = 0
        self.everybody = [chain.lessor, chain.lessee, BUYER, LENDER, "Treasury", "RentLedger"]
        self.supply = sum(map(chain.cash, self.everybody))
        self.is_careless = seed % 3 == 0
        self.financed = seed % 2 == 1
        if self.financed:
            self.finance()

    def finance(self) -> None:
        chain = self.chain
        chain.score()
        offer = chain.read("LeaseFinance", "quote", self.lease)
        before = chain.cash(chain.lessor)
        chain.send(chain.lessor, "LeaseFinance", "finance", self.lease, offer["net"], offer["annualRateBps"], chain.now)
        assert chain.cash(chain.lessor) - before == offer["net"]

    @property
    def creditor(self) -> int:
        assigned = int(self.chain.read("RentLedger", "assigneeOf", self.lease), 16)
        return OFFICER if assigned else self.chain.lessor

    @property
    def status(self) -> int:
        return int(self.chain.read("EquipmentLease", "leaseOf", self.lease)["status"])

    def act(self, function: str, *arguments: object) -> None:
        self.chain.send(self.creditor, "EquipmentLease", function, self.lease, *arguments)
        self.done[function] += 1

    def settle(self) -> None:
        """The contract counts time and takes the reading: only a step that changes the account does."""
        chain = self.chain
        self.model.settle(chain.now, chain.tenths - START_TENTHS, chain.read_at)

    def seen(self) -> RentModel:
        """What a view shows now."""
        chain, seen = self.chain, deepcopy(self.model)
        seen.settle(chain.now, chain.tenths - START_TENTHS, chain.read_at)
        return seen

    # Steps

    def step(self) -> None:
        kinds = STEP_KINDS | ({"pay": 0.3} if self.is_careless else {})
        (name,) = self.random.choices(list(kinds), list(kinds.values()))
        if getattr(self, name)():
            self.done[name] += 1
        self.compare()

    def pass_time(self) -> bool:
        m = self.model
        edges = [m.due_day - m.day, m.due_day + 1 - m.day, m.period_days]
        days = self.random.choice([1, 2, self.random.randrange(1, 40), *(day for day in edges if 0 < day < 60)])
        to = midnight(m.day + days) + self.random.choice((0, 1, self.random.randrange(DAY_S)))
        self.chain.pass_seconds(max(1, to - self.chain.now))
        return True

    def report(self) -> bool:
        most = (self.chain.now - self.chain.read_at) // 360
        if most < 2:
            return False
        self.chain.report(self.random.choice((0, most, self.random.randrange(most))))
        return True

    def poke(self) -> bool:
        self.chain.send(STRANGER, "RentLedger", "accrue", [self.lease])
        self.settle()
        return True

    def pay(self) -> bool:
        owed = self.seen().owed
        if not owed:
            return False
        self.settle()
        wanted = self.random.choice((1, owed, owed + 7, max(1, self.model.overdue), max(1, owed // 3)))
        paid = int.from_bytes(self.chain.send(self.chain.lessee, "RentLedger", "pay", self.lease, wanted))
        assert paid == min(wanted, owed)
        self.model.pay(paid)
        return True

    def arrears(self) -> bool:
        """The next step against a lessee that is behind, as far as the law has come."""
        lease = self.chain.read("EquipmentLease", "leaseOf", self.lease)
        if lease["status"] == OVERDUE:
            return self._press(lease)
        if lease["status"] == DEFAULTED:
            return self._choose()
        return lease["status"] == RESCINDED and self._sell()

    def _press(self, lease: dict[str, int]) -> bool:
        m = self.seen()
        if not lease["noticeDay"]:
            self.act("giveNotice", NOTHING)
        elif m.day > lease["noticeDay"] + 3 and (m.two_behind or m.overdue * 10_000 >= m.minimum * m.periods * 1_500):
            self.act("declareDefault")
        elif m.day > lease["noticeDay"] + 1 and m.locked_since is None:
            if self.chain.now - self.chain.read_at >= 60:
                self.chain.report(0)
            self.act("lock")
            self.settle()
            self.model.lock()
        else:
            return False
        return True

    def _choose(self) -> bool:
        self.settle()
        rescinds = self.random.random() < 0.5
        self.act("rescind" if rescinds else "accelerate")
        more = self.buy_out if rescinds else 0
        self.deposit = self.model.charge_all(more, self.deposit, late=not rescinds)
        return True

    def _sell(self) -> bool:
        """At a price below, at or above the claim."""
        owed = self.model.owed
        price = self.random.choice((max(1, owed // 2), owed or 1, owed + 1_000))
        self.act("offerSale", account(BUYER), price, NOTHING)
        self.chain.send(BUYER, "EquipmentLease", "buy", self.lease, price)
        to_claim = min(price, owed)
        self.model.pay(to_claim)
        if self.model.locked_since is not None:
            self.model.now = self.chain.now
            self.model.unlock()
        self.credit, self.deposit = self.credit + price - to_claim + self.deposit, 0
        return True

    def dispute(self) -> bool:
        if self.status not in (ACTIVE, OVERDUE):
            return False
        self.chain.send(self.chain.lessee, "EquipmentLease", "dispute", self.lease, NOTHING)
        owed = self.seen().rent_owed
        amount = self.random.choice((0, owed, owed // 2))
        self.chain.send(OFFICER, "EquipmentLease", "resolveDispute", self.lease, amount, NOTHING)
        if amount:
            self.settle()
            self.model.credit(amount)
        return True

    def release(self) -> bool:
        """What came in goes on; nothing may be lost on the way."""
        account_ = self.chain.read("RentLedger", "accountOf", self.lease)
        if not account_["claimable"]:
            return False
        self.chain.send(STRANGER, "RentLedger", "release", self.lease)
        return True

    # What must be true

    def compare(self) -> None:
        """The chain shows what the model does when it looks now, without a call that keeps anything."""
        chain, looking = self.chain, self.seen()
        shown = chain.read("RentLedger", "accountOf", self.lease)
        names = ("charged", "fixedCharged", "credited", "paid", "dueCharged", "dueBefore", "late", "cures")
        expected = (
            looking.charged,
            looking.fixed_charged,
            looking.credited,
            looking.paid,
            looking.due_charged,
            looking.due_before,
            looking.late,
            looking.cures,
        )
        assert tuple(shown[name] for name in names) == expected
        owed = chain.read("RentLedger", "owedOf", self.lease)
        assert (owed["rent"], owed["overdue"], owed["remaining"], owed["twoBehind"]) == (
            looking.rent_owed,
            looking.overdue,
            looking.remaining,
            looking.two_behind,
        )
        assert owed["rent"] + owed["late"] == looking.owed
        assert (shown["deposit"], shown["lesseeCredit"]) == (self.deposit, self.credit)
        held = shown["deposit"] + shown["claimable"] + shown["lesseeCredit"]
        assert chain.cash("RentLedger") == held
        assert sum(map(chain.cash, self.everybody)) == self.supply
        if self.financed:
            self._compare_loan(shown)

    def _compare_loan(self, shown: dict[str, int]) -> None:
        """Rent that came in repaid the bank first: nothing waits for the lessor while the loan is owed."""
        loan = self.chain.read("LeaseFinance", "loanOf", self.lease)
        book = self.chain.read("Treasury", "book")
        assert book["outstanding"] == loan["principal"]
        assert not (loan["principal"] and shown["claimable"])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lease_is_what_its_model_says_after_every_step(seed: int) -> None:
    pair = Pair(seed)
    pair.compare()
    for _ in range(STEPS):
        pair.step()


def test_every_kind_of_step_is_taken() -> None:
    """So that no seed of a run of nothing passes for one of everything."""
    done: Counter[str] = Counter()
    for seed in range(100, 116):
        pair = Pair(seed)
        for _ in range(STEPS):
            pair.step()
        done += pair.done
    assert set(done) == {*STEP_KINDS, *CREDITORS_STEPS}, done
