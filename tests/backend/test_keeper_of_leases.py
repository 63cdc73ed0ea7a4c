"""The keeper closes periods, passes rent on, marks loans and ends leases that only wait for it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from backend import days, store
from backend.chain.keys import development_key
from backend.keeper import Keeper
from backend.readmodel import lease_deliveries, leases
from backend.readmodel.deliveries import Delivery
from tests import anvil
from tests.backend.market import ADDRESSES, MILLION, YUAN, Market, Refused
from tests.backend.readmodel.mirror import indexing
from tests.backend.rentals import (
    DUE_DAYS,
    FIRST_OVERDUE_DAY,
    MINIMUM,
    PAPER,
    PERIOD_DAYS,
    REASON,
    SECOND_OVERDUE_DAY,
    Rentals,
)

RELAYER = development_key(9)
ALL = 2**96 - 1


@pytest.fixture(scope="module")
def opened() -> Iterator[Rentals]:
    with anvil.start() as node:
        market = Market(node).open()
        node.rpc("evm_increaseTime", (days.DAY_S // 2 - market.now() - days.BEIJING_S) % days.DAY_S)
        node.mine()
        yield Rentals(market)


@pytest.fixture
def rentals(opened: Rentals) -> Iterator[Rentals]:
    snapshot = opened.market.node.rpc("evm_snapshot")
    yield opened
    opened.market.node.rpc("evm_revert", snapshot)


class Office:
    """A keeper whose calls are made at once, by anybody."""

    def __init__(self, rentals: Rentals, engine: Engine) -> None:
        self.rentals, self.market, self.engine = rentals, rentals.market, engine

    def work(self) -> list[str]:
        """What the keeper would call, called: no call is refused."""
        done = []
        while calls := self.pending():
            for call in calls:
                self.market.send("stranger", call.contract, call.function, *call.arguments)
                done.append(call.function)
        return done

    def pending(self) -> list[lease_deliveries.Delivery]:
        with indexing(self.market, self.engine) as indexer:
            indexer.catch_up()
        with store.reading(self.engine) as tx:
            return lease_deliveries.pending(tx, self.market.now())

    def wait(self, days_: int) -> None:
        self.market.travel(days_)


@pytest.fixture
def office(rentals: Rentals, engine: Engine) -> Office:
    return Office(rentals, engine)


@pytest.fixture
def lease(office: Office) -> int:
    return office.rentals.delivered(office.rentals.machine(), periods=3)


@pytest.fixture
def loan(office: Office) -> int:
    lease = office.rentals.delivered(office.rentals.machine())
    office.rentals.finance(lease)
    return lease


def test_a_period_is_closed_on_its_day_once(office: Office, lease: int):
    office.wait(PERIOD_DAYS - 1)
    assert office.work() == []
    office.wait(1)
    assert office.work() == ["accrue"]
    assert office.market.read("RentLedger", "owedOf", lease)["rent"] == MINIMUM
    assert office.work() == []


def test_hours_are_noted_with_the_last_reading_of_a_period(office: Office, lease: int):
    def go_to(second: int) -> None:
        office.market.node.rpc("evm_setNextBlockTimestamp", end + second)
        office.market.node.mine()

    end = days.start_of(days.day_of(office.market.now()) + PERIOD_DAYS)
    go_to(-3_600)
    office.rentals.hear(1, 900)
    assert office.pending() == []
    go_to(-900)
    office.rentals.hear(1, 4)
    assert office.pending() == [Delivery("RentLedger", "accrue", ([lease],))]
    office.market.send("stranger", "RentLedger", "accrue", [lease])
    go_to(3_600)
    office.rentals.hear(1, 9)
    assert office.work() == ["accrue"]
    with store.reading(office.engine) as tx:
        [statement] = leases.statements_of(tx, lease, before=None, limit=2)
    assert statement["tenths"] == 904


def test_a_machine_that_did_not_run_needs_no_call_before_its_period_ends(office: Office, lease: int):
    end = days.start_of(days.day_of(office.market.now()) + PERIOD_DAYS)
    office.market.node.rpc("evm_setNextBlockTimestamp", end - 900)
    office.market.node.mine()
    office.rentals.hear(1)
    assert office.pending() == []


def test_periods_of_several_leases_are_closed_by_one_call_and_pieces(office: Office, lease: int, monkeypatch):
    office.rentals.delivered(office.rentals.machine())
    office.wait(PERIOD_DAYS)
    assert len(office.pending()) == 1
    monkeypatch.setattr(lease_deliveries, "LEASES_PER_CALL", 1)
    assert [call.arguments for call in office.pending()] == [([1],), ([2],)]


def test_rent_goes_to_the_lessor_and_the_deposit_back_to_the_lessee(office: Office, lease: int):
    before = {who: office.market.read("MockCash", "balanceOf", ADDRESSES[who]) for who in ("lessor", "lessee")}
    office.wait(3 * PERIOD_DAYS)
    office.work()
    office.rentals.pay(lease)
    paid = office.market.read("RentLedger", "accountOf", lease)["claimable"]
    assert office.work() == ["release"]
    office.rentals.send("lessee", "EquipmentLease", "declareReturn", lease, PAPER)
    office.wait(lease_deliveries.OBJECTION_DAYS)
    assert office.work() == []
    office.wait(1)
    assert office.work() == ["confirmReturn", "releaseCredit"]
    after = {who: office.market.read("MockCash", "balanceOf", ADDRESSES[who]) for who in ("lessor", "lessee")}
    deposit = office.market.read("RentLedger", "conditionsOf", lease)["deposit"]
    assert after == {"lessor": before["lessor"] + paid, "lessee": before["lessee"] - paid + deposit}


def test_a_loan_is_marked_overdue_on_the_day_after_the_rent_was_due(office: Office, loan: int):
    office.wait(PERIOD_DAYS)
    assert office.work() == ["accrue"]
    office.wait(DUE_DAYS)
    assert office.work() == []
    office.wait(1)
    assert office.work() == ["markOverdue"]
    assert office.market.read("Treasury", "accountOf", office.rentals.lessee)["arrears"] == 1
    assert office.work() == []


def test_a_loan_whose_rent_was_credited_is_in_order_again(office: Office, loan: int):
    office.wait(FIRST_OVERDUE_DAY)
    office.work()
    office.rentals.send("lessee", "EquipmentLease", "dispute", loan, REASON)
    office.rentals.send("bank", "EquipmentLease", "resolveDispute", loan, MINIMUM, PAPER)
    assert office.work() == ["onRent"]
    assert office.market.read("Treasury", "accountOf", office.rentals.lessee)["arrears"] == 0


def test_a_loan_is_marked_in_default_with_its_lease(office: Office, loan: int):
    office.rentals.in_default(loan, "bank")
    assert "markDefaulted" in office.work()
    assert office.market.read("LeaseFinance", "loanOf", loan)["impaired"] > 0
    assert office.work() == []


def test_the_title_of_a_machine_that_came_back_is_free_once_the_bank_is_paid(office: Office, lease: int):
    office.rentals.finance(lease)
    office.wait(3 * PERIOD_DAYS)
    office.work()
    office.rentals.send("lessee", "EquipmentLease", "dispute", lease, REASON)
    office.rentals.send("bank", "EquipmentLease", "resolveDispute", lease, 2 * MINIMUM, PAPER)
    office.rentals.pay(lease)
    office.rentals.send("lessee", "EquipmentLease", "declareReturn", lease, PAPER)
    office.rentals.send("lessor", "EquipmentLease", "confirmReturn", lease)
    assert "freeTitle" not in office.work()
    assert office.market.read("EquipmentLease", "leaseOfMachine", 1) == lease
    office.rentals.send("lessor", "LeaseFinance", "repay", lease, MILLION)
    assert office.work() == ["freeTitle"]
    assert office.market.read("EquipmentLease", "leaseOfMachine", 1) == 0


def test_a_machine_that_was_claimed_back_and_paid_for_goes_to_the_lessee(office: Office, loan: int):
    office.rentals.in_default(loan, "bank")
    office.rentals.send("bank", "EquipmentLease", "rescind", loan)
    office.work()
    office.rentals.send("bank", "MockCash", "mint", ADDRESSES["lessee"], 50 * MILLION)
    office.rentals.pay(loan)
    assert "redeem" in office.work()
    assert office.market.read("Equipment", "ownerOf", 1) == ADDRESSES["lessee"]


def test_calls_about_receivables_and_leases_of_one_number_are_told_apart(office: Office, loan: int):
    receivable = office.market.confirmed(1_000 * YUAN, term=10)
    office.market.finance(receivable)
    assert receivable == loan == 1
    office.wait(SECOND_OVERDUE_DAY)
    office.pending()
    keeper = Keeper(office.engine, office.market.rpc, office.market.suite, RELAYER.address)
    marks = [key for key in keeper.step() if "markOverdue" in key]
    assert [key.split("-")[2] for key in marks] == ["Factoring"]
    office.market.send("stranger", "RentLedger", "accrue", [loan])
    office.pending()
    assert [key.split("-")[1:3] for key in keeper.step()] == [["markOverdue", "LeaseFinance"]]


def test_a_lease_in_order_is_left_alone(office: Office, lease: int):
    office.rentals.sign(office.rentals.terms(office.rentals.machine()))
    assert office.work() == []
    with pytest.raises(Refused):
        office.market.send("stranger", "LeaseFinance", "markOverdue", lease)
    with store.reading(office.engine) as tx:
        assert leases.counted(tx) == {"Active": 1, "Signed": 1}
